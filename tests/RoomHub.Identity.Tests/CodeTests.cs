using System.Security.Cryptography;
using FsCheck;
using FsCheck.Fluent;
using RoomAgent.Enrolment;
using RoomAgent.Hub.Devices;
using RoomAgent.Hub.Identity;
using RoomAgent.Native.OpenSsl;
using RoomAgent.Testing;

namespace RoomAgent.Hub.Tests;

/// <summary>The codes that people carry, type and compare.</summary>
public sealed class CodeTests
{
    private const string Alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

    private static readonly HubAddress s_address = HubAddress.Read("https://hub.example.org:8443")!;

    [Fact]
    public void ACodeOfLettersHas80BitsAndACheckCharacter()
    {
        ActivationCode code = ActivationCode.Generate(ActivationCodeForm.Letters, OpenSslRandom.Instance);

        Assert.Equal(17, code.Reveal().Length);
        Assert.Equal(ActivationCodeForm.Letters, code.Form);
        Assert.Equal(code, ActivationCode.Read(code.Reveal()));
        Assert.Equal(code, ActivationCode.Read($"  {code.RevealGrouped().ToLowerInvariant()} "));
        Assert.DoesNotContain(code.Reveal(), code.ToString());
    }

    [Fact]
    public void ACodeOfDigitsHas16()
    {
        ActivationCode code = ActivationCode.Generate(ActivationCodeForm.Digits, OpenSslRandom.Instance);

        Assert.Equal(ActivationCodeForm.Digits, code.Form);
        Assert.Equal(code, ActivationCode.Read(code.RevealGrouped()));
        Assert.Null(ActivationCode.Read(code.Reveal()[1..]));
    }

    // Crockford's own example is the number 1234: 16J with the check symbol D.
    [Theory]
    [InlineData("000000000000016JD")]
    [InlineData("OOOO-OOOO-OOOO-O16J-D")]
    [InlineData("0000 0000 0000 oI6j d")]
    [InlineData("0000 0000 0000 0l6j d")]
    public void LettersThatLookAlikeAreOne(string text) => Assert.Equal("000000000000016JD", ActivationCode.Read(text)?.Reveal());

    [Fact]
    public void EverySingleMistypedCharacterIsFound()
    {
        string good = ActivationCode.Generate(ActivationCodeForm.Letters, OpenSslRandom.Instance).Reveal();

        for (int i = 0; i < 16; i++)
        {
            foreach (char other in Alphabet.Where(letter => letter != good[i]))
                Assert.Null(ActivationCode.Read(good[..i] + other + good[(i + 1)..]));
        }
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("U000000000000000U")]
    [InlineData("000000000000016J*")]
    [InlineData("000000000000016JDD")]
    [InlineData("０00000000000016JD")]
    [InlineData("0000-0000-0000-016J-D---------------------")]
    public void WhatIsNoActivationCodeIsRefused(string? text) => Assert.Null(ActivationCode.Read(text));

    [Fact]
    public void AtRestACodeIsAHashThatNeedsTheHubsSecret()
    {
        ActivationCode code = ActivationCode.Generate(ActivationCodeForm.Letters, OpenSslRandom.Instance);
        using HubSecret one = HubSecret.CopyOf(new byte[32]);
        using HubSecret other = HubSecret.CopyOf(Enumerable.Repeat((byte)1, 32).ToArray());

        Assert.Equal(code.HashWith(new CodeHash(one)), code.HashWith(new CodeHash(one)));
        Assert.NotEqual(code.HashWith(new CodeHash(one)), code.HashWith(new CodeHash(other)));
    }

    [Fact]
    public void ACodeOfADisplayIsOfConsonantsThatMakeNoWord()
    {
        UserCode code = UserCode.Generate();

        Assert.Matches("^[BCDFGHJKLMNPQRSTVWXZ]{4}-[BCDFGHJKLMNPQRSTVWXZ]{4}$", code.Reveal());
        Assert.Equal(code, UserCode.Read(code.Reveal().ToLowerInvariant().Replace("-", " ", StringComparison.Ordinal)));
        Assert.Null(UserCode.Read("AAAA-BBBB"));
        Assert.Null(UserCode.Read("BCDF-GHJ"));
        Assert.Null(UserCode.Read("BCDF-GHJKL"));
        Assert.Null(UserCode.Read(new string('B', 1000)));
    }

    [Fact]
    public void SixDigitsComeFromKeyAndNonce()
    {
        byte[] thumbprint = new byte[32];
        byte[] nonce = new byte[32];
        string digits = Confirmation.Digits(thumbprint, nonce);

        // SHA-256 of 64 zero bytes begins f5a5fd42d16a2030, which is 17700832373872664624.
        Assert.Equal("664624", digits);
        nonce[0]++;
        Assert.NotEqual(digits, Confirmation.Digits(thumbprint, nonce));
    }

    // The words of an address that is an example of this coding in many places: 127.0.0.1.
    [Fact]
    public void AFingerprintIsSixWordsOf16Bits()
    {
        IReadOnlyList<string> words = HubFingerprint.Words([0x7f, 0, 0, 1, 0x3f, 0x54, 0xdc, 0xc1, 0xff, 0xff, 0, 0, 9, 9]);

        Assert.Equal(["lusab", "babad", "gutih", "tugad", "zuzuz", "babab"], words);
    }

    [Fact]
    public void EveryBitOfTheFirst96ChangesAWord()
    {
        byte[] hash = RandomNumberGenerator.GetBytes(32);
        string words = HubFingerprint.Text(hash);

        for (int bit = 0; bit < 96; bit++)
        {
            byte[] other = [.. hash];
            other[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.NotEqual(words, HubFingerprint.Text(other));
        }
    }

    [Fact]
    public void ASetupCodeBringsAddressKeyAndCode()
    {
        var code = new SetupCode(s_address, RandomNumberGenerator.GetBytes(32), ActivationCode.Generate(ActivationCodeForm.Letters, OpenSslRandom.Instance));

        SetupCode? read = SetupCode.Read($"\n {code.Reveal(OpenSslCrypto.Instance)} \r\n", OpenSslCrypto.Instance);

        Assert.NotNull(read);
        Assert.Equal(s_address.Url, read.Address.Url);
        Assert.Equal(code.KeyHash, read.KeyHash);
        Assert.Equal(code.Code, read.Code);
        Assert.DoesNotContain(code.Code.Reveal(), code.ToString());
    }

    [Fact]
    public void EveryChangedCharacterOfASetupCodeIsFound()
    {
        string good = new SetupCode(s_address, RandomNumberGenerator.GetBytes(32), ActivationCode.Generate(ActivationCodeForm.Letters, OpenSslRandom.Instance)).Reveal(OpenSslCrypto.Instance);

        Assert.Empty(Truncation.AcceptedLengths(System.Text.Encoding.ASCII.GetBytes(good), bytes => SetupCode.Read(System.Text.Encoding.ASCII.GetString(bytes), OpenSslCrypto.Instance) is not null));
        for (int i = 0; i < good.Length; i++)
        {
            foreach (char other in "0aZ:/ é\0".Where(letter => letter != good[i]))
                Assert.Null(SetupCode.Read(good[..i] + other + good[(i + 1)..] + (other == ' ' && i == good.Length - 1 ? "x" : ""), OpenSslCrypto.Instance));
        }
    }

    [Fact]
    public void NoTextBreaksTheReaders() => Prop.ForAll<string>(text =>
    {
        _ = SetupCode.Read(text, OpenSslCrypto.Instance);
        _ = SetupCode.Read("roomagent-setup:1:" + text, OpenSslCrypto.Instance);
        _ = ActivationCode.Read(text);
        _ = UserCode.Read(text);
        _ = HubAddress.Read("https://" + text);
        return CompactJws.Read(text) is null && ClientAssertion.Read(text) is null && DpopProof.Read(text) is null;
    }).QuickCheckThrowOnFailure();

    [Theory]
    [InlineData("https://hub.example.org", true)]
    [InlineData("https://hub.example.org/", true)]
    [InlineData("https://hub.example.org:8443", true)]
    [InlineData("https://192.0.2.7", true)]
    [InlineData("https://[2001:db8::1]:444", true)]
    [InlineData("http://hub.example.org", false)]
    [InlineData("https://user@hub.example.org", false)]
    [InlineData("https://hub.example.org/path", false)]
    [InlineData("https://hub.example.org?x", false)]
    [InlineData("https://hub.example.org#x", false)]
    [InlineData("https://HUB.example.org", false)]
    [InlineData("https://hub.example.org:443", false)]
    [InlineData("https://hüb.example.org", false)]
    [InlineData("https://hub.example.org\\@evil.example", false)]
    [InlineData("https://", false)]
    [InlineData("hub.example.org", false)]
    [InlineData(null, false)]
    public void AnAddressIsSchemeHostAndPort(string? text, bool isGood) => Assert.Equal(isGood, HubAddress.Read(text) is not null);
}
