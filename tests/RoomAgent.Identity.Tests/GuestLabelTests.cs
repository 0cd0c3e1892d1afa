using System.Security.Cryptography.X509Certificates;

namespace RoomAgent.Identity.Tests;

/// <summary>What guests may be called: nothing that looks like somebody else's name or would mislead a screen.</summary>
public sealed class GuestLabelTests
{
    private const string Name = "urn:uuid:3f2a91c4-0000-4000-8000-000000000001";

    [Theory]
    [InlineData("Ada", "Ada")]
    [InlineData("  Ada Lovelace ", "Ada Lovelace")]
    [InlineData("Dr. Jean-Luc O'Neil", "Dr. Jean-Luc O'Neil")]
    [InlineData("Søren Ǆ", "Søren Ǆ")]
    [InlineData("पाठक", "पाठक")]
    [InlineData("", null)]
    [InlineData("   ", null)]
    [InlineData(null, null)]
    [InlineData("alice@school.example", null)]
    [InlineData("room1.school", null)]
    [InlineData("Ada  Lovelace", null)]
    [InlineData("Ada\u202e", null)]
    [InlineData("Ada\n", null)]
    [InlineData("Ada (host)", null)]
    [InlineData("Ada \u2713", null)]
    [InlineData("-Ada", null)]
    [InlineData("abcdefghijklmnopqrstuvwxyzabcde", null)]
    public void ALabelIsAWordOrAFew(string? text, string? expected) => Assert.Equal(expected, GuestLabel.Clean(text));

    [Fact]
    public void ItIsNeverShownAlone()
    {
        Assert.Equal("Ada (guest 3f2a91c4)", GuestLabel.Describe(Name, "Ada"));
        Assert.Equal("guest 3f2a91c4", GuestLabel.Describe(Name, null));
        Assert.Equal("guest 3f2a91c4", GuestLabel.Describe(Name, "Guest 00000000"));
    }

    [Fact]
    public void ASubjectIsAnyBytes()
    {
        byte[] subject = new X500DistinguishedName("CN=Ada Lovelace, O=School").RawData;
        Assert.Equal("Ada Lovelace", GuestLabel.Read(subject));
        Assert.Null(GuestLabel.Read(new X500DistinguishedName("O=School").RawData));
        Assert.Null(GuestLabel.Read(new X500DistinguishedName("CN=alice@school.example").RawData));
        Assert.Null(GuestLabel.Read(new byte[1_000]));

        for (int length = 0; length < subject.Length; length++)
            Assert.Null(GuestLabel.Read(subject.AsSpan(0, length)));
        for (int at = 0; at < subject.Length; at++)
        {
            foreach (byte value in (byte[])[0x00, 0x1e, 0x30, 0x7f, 0x80, 0xff])
            {
                byte[] spoiled = [.. subject];
                spoiled[at] = value;
                GuestLabel.Read(spoiled);
            }
        }
    }
}
