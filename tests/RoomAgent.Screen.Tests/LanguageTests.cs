using System.Text.RegularExpressions;
using RoomAgent.Hal;
using RoomAgent.Hal.Media.Drawing;

namespace RoomAgent.Screen.Tests;

public sealed partial class LanguageTests
{
    public static TheoryData<string> Languages => [.. RoomScreen.Languages];

    [Fact]
    public void ThereAreEnglishAndFourMore() => Assert.Equal(["de", "en", "es", "fr", "pl"], RoomScreen.Languages);

    [Theory]
    [MemberData(nameof(Languages))]
    public void EveryLanguageHasEveryWordAndNoOther(string language)
    {
        string[] keys =
        [
            .. Enum.GetNames<Word>(),
            .. Enum.GetNames<Trouble>().Select(trouble => trouble + ".What"),
            .. Enum.GetNames<Trouble>().Select(trouble => trouble + ".Do"),
        ];

        Assert.Equal(keys.Order(StringComparer.Ordinal), Words.Of(language).Texts.Keys.Order(StringComparer.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Languages))]
    public void EveryTextHasThePlacesThatEnglishHas(string language)
    {
        foreach ((string key, string english) in Words.Of("en").Texts)
        {
            string text = Words.Of(language).Texts[key];

            Assert.Equal(PlacesOf(english), PlacesOf(text));
            Assert.DoesNotContain("{", Place().Replace(text, ""), StringComparison.Ordinal);
            Assert.False(text.Length == 0 || char.IsWhiteSpace(text[0]) || char.IsWhiteSpace(text[^1]), $"{language} {key}");
        }
    }

    [Theory]
    [MemberData(nameof(Languages))]
    public void NoLanguageSaysTheSameOfEncryptedAndOfEndToEndEncrypted(string language)
    {
        Words words = Words.Of(language);

        Assert.NotEqual(words[Word.Encrypted], words[Word.EndToEndEncrypted]);
        Assert.Equal(3, new[] { Word.Unverified, Word.Expired, Word.Revoked }.Select(word => words[word]).Distinct().Count());
    }

    [Fact]
    public void EveryTroubleHasItsOwnWords()
    {
        foreach (string language in RoomScreen.Languages)
        {
            Words words = Words.Of(language);
            Assert.Equal(Enum.GetValues<Trouble>().Length, Enum.GetValues<Trouble>().Select(words.What).Distinct().Count());
        }
    }

    [Theory]
    [InlineData("xx")]
    [InlineData("")]
    [InlineData("../../etc/passwd")]
    public void AnUnknownLanguageIsEnglish(string language) => Assert.Same(Words.Of("en"), Words.Of(language));

    [Fact]
    public void ALanguageIsFoundInCapitalsToo() => Assert.Same(Words.Of("de"), Words.Of("DE"));

    [Fact]
    public void WhatIsInsertedKeepsItsDirectionToItself()
    {
        string text = Words.Of("en").Format(Word.Sharing, "שרה");

        Assert.Equal("\u2068שרה\u2069 is sharing", text);
    }

    [Fact]
    public void WhatIsInsertedIsNotLookedAtForPlaces() => Assert.Equal("\u2068{0}{1}\u2069 is sharing", Words.Of("en").Format(Word.Sharing, "{0}{1}"));

    [Fact]
    public void ADayIsWrittenAsTheLanguageDoes()
    {
        string[] days = [.. RoomScreen.Languages.Select(language => Words.Of(language).Day(Scenes.Now).Replace("\u2068", "").Replace("\u2069", ""))];

        Assert.Equal(["Donnerstag, 19. November", "Thursday, 19 November", "Jueves, 19 de noviembre", "Jeudi 19 novembre", "Czwartek, 19 listopada"], days);
    }

    private static string[] PlacesOf(string text) => [.. Place().Matches(text).Select(match => match.Value).Order(StringComparer.Ordinal)];

    [GeneratedRegex(@"\{[0-2]\}")]
    private static partial Regex Place();
}
