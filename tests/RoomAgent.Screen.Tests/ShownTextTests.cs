using System.Globalization;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using RoomAgent.Hal.Media.Drawing;

namespace RoomAgent.Screen.Tests;

/// <summary>No name can look like another name, like a badge, or like something that the screen says.</summary>
public sealed class ShownTextTests
{
    [Theory]
    [InlineData("Anna Berg", "Anna Berg")]
    [InlineData("  Anna \t\r\n Berg  ", "Anna Berg")]
    [InlineData("Anna\0\u0007\u001b[31mBerg", "Anna [31mBerg")]
    [InlineData("\u202EgreB annA\u202C", "greB annA")]
    [InlineData("a\u2066b\u2067c\u2068d\u2069e\u200Ef\u200Fg\u061Ch", "abcdefgh")]
    [InlineData("An\u200Bn\u200Ca\u00AD\u2060\uFEFF", "Anna")]
    [InlineData("✔ Anna ✅ 🔒 ☑ √ 🛡 ⚠", "Anna")]
    [InlineData("\uE000Anna\uF8FF\U000F0000", "Anna")]
    [InlineData("Anna \u3164\u115F\uFFA0", "Anna")]
    [InlineData("① ⓥ 🄰 ➊ Anna", "Anna")]
    [InlineData("👩‍👩‍👧 Familie 🇩🇪", "Familie")]
    [InlineData("A\u20DD\u0489nna", "Anna")]
    [InlineData("e\u0301\u0302\u0303\u0304", "e\u0301\u0302")]
    [InlineData("\u0301\u0302Anna", "Anna")]
    [InlineData("Anna\uFE0F\uFE0E", "Anna")]
    [InlineData("O'Neill-Smith, R&D (3+4) $5 20 °C", "O'Neill-Smith, R&D (3+4) $5 20 °C")]
    [InlineData("می\u200Cخواهم", "می\u200Cخواهم")]
    [InlineData("क\u094D\u200Dष", "क\u094D\u200Dष")]
    [InlineData("佐藤 健太郎", "佐藤 健太郎")]
    public void ANameIsCleaned(string raw, string clean) => Assert.Equal(clean, ShownText.CleanName(raw));

    [Fact]
    public void HalfASurrogatePairGoes() => Assert.Equal("ab", ShownText.CleanName("a\uD800b\uDC00"));

    [Fact]
    public void ALongNameIsCutAtEightyLetters()
    {
        string name = ShownText.CleanName(new string('x', 10_000));

        Assert.Equal(new string('x', 80) + "…", name);
    }

    [Fact]
    public void NothingOfAnyTextCanBeASignOrTurnTheDirection()
    {
        Prop.ForAll(ArbMap.Default.ArbFor<int[]>(), values =>
        {
            string raw = string.Concat(values.Select(value => (uint)value % 0x11_0000 is var code && Rune.IsValid(code) ? new Rune(code).ToString() : ((char)code).ToString()));
            return IsHarmless(ShownText.CleanName(raw)) && IsHarmless(ShownText.CleanSentence(raw)) && ShownText.CleanName(raw).EnumerateRunes().Count() <= 81 * 3;
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(300));
    }

    [Fact]
    public void EverySignOfUnicodeIsHarmlessAfterALetter()
    {
        for (int code = 0; code < 0x11_0000; code++)
        {
            if (!Rune.IsValid(code))
                continue;
            string clean = ShownText.CleanName("a" + new Rune(code));
            Assert.True(IsHarmless(clean), $"U+{code:X4}");
        }
    }

    [Fact]
    public void CleaningTwiceChangesNothing()
    {
        foreach (string name in Scenes.HostileNames)
        {
            string once = ShownText.CleanName(name);
            if (!once.EndsWith('…'))
                Assert.Equal(once, ShownText.CleanName(once));
        }
    }

    [Theory]
    [InlineData("Anna Berg", "AB")]
    [InlineData("anna maria berg", "AB")]
    [InlineData("Room", "R")]
    [InlineData("3rd floor", "F")]
    [InlineData("123", "")]
    [InlineData("", "")]
    [InlineData("𝒜lpha", "𝒜")]
    public void InitialsAreThoseOfTheFirstAndTheLastWord(string name, string initials) => Assert.Equal(initials, ShownText.InitialsOf(name));

    private static bool IsHarmless(string text)
    {
        foreach (Rune rune in text.EnumerateRunes())
        {
            bool isJoiner = rune.Value is 0x200C or 0x200D;
            UnicodeCategory category = Rune.GetUnicodeCategory(rune);
            bool isRefused = category is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.PrivateUse or UnicodeCategory.Surrogate
                or UnicodeCategory.OtherNotAssigned or UnicodeCategory.EnclosingMark or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator;
            bool isSymbol = category is UnicodeCategory.OtherSymbol && rune.Value != '°';
            if ((isRefused && !isJoiner) || isSymbol || rune.Value is >= 0x2600 and <= 0x27BF or >= 0x1F000 and <= 0x1FAFF)
                return false;
        }
        return true;
    }
}
