namespace RoomAgent.Rtp.Tests;

public sealed class HeaderExtensionTests
{
    /// <summary>The examples of RFC 8285 sections 4.2 and 4.3, with data put in for the word "data".</summary>
    public static TheoryData<ushort, string, string> Examples => new()
    {
        { 0xbede, "10a1" + "2199a2" + "0000" + "33b1b2b3b4" + "000000", "1:a1 2:99a2 3:b1b2b3b4" },
        { 0x1000, "0100" + "0201a1" + "00" + "0304b1b2b3b4", "1: 2:a1 3:b1b2b3b4" },
        { 0x100f, "ff01a1" + "00", "255:a1" },
    };

    [Theory]
    [MemberData(nameof(Examples))]
    public void TheExamplesOfTheStandardAreRead(ushort profile, string elements, string expected) =>
        Assert.Equal(expected, Read(profile, elements));

    [Theory]
    [InlineData(0xbede, "10a1f0222033", "1:a1")] // ID 15 ends the elements
    [InlineData(0xbede, "10a1032033b1b2b3b4", "1:a1")] // so does ID 0 with a length
    [InlineData(0xbede, "10a123", "1:a1")] // an element that does not fit is not there
    [InlineData(0xbede, "1f00", "")]
    [InlineData(0x1000, "01", "")]
    [InlineData(0x1000, "0102aa", "")]
    [InlineData(0x1000, "0f01aa", "15:aa")] // 15 is nothing special in this form
    [InlineData(0xbede, "", "")]
    [InlineData(0xbede, "00000000", "")]
    [InlineData(0x2000, "10a1", "")] // neither form
    public void WhatCannotBeReadIsNotThere(ushort profile, string elements, string expected) =>
        Assert.Equal(expected, Read(profile, elements));

    [Theory]
    [InlineData(HeaderExtensions.OneByteProfile, 14, 16)]
    [InlineData(HeaderExtensions.TwoByteProfile, 255, 255)]
    public void ElementsGoThroughAPacketInBothForms(ushort profile, int id, int length)
    {
        byte[] value = [.. Enumerable.Range(1, length).Select(i => (byte)i)];
        var writer = new HeaderExtensionWriter(new byte[512], profile);
        writer.Add(1, [7]);
        writer.Add(id, value);
        byte[] packet = new byte[1_000];

        int written = new RtpHeader { Marker = true }.Write(packet, writer.Finish(), profile);

        Assert.True(RtpHeader.TryRead(packet, out RtpHeader header));
        Assert.Equal(written, header.Length);
        Assert.Equal(profile, header.ExtensionProfile);
        HeaderExtensions extensions = header.ExtensionsOf(packet);
        Assert.True(extensions.TryFind(1, out ReadOnlySpan<byte> first));
        Assert.True(extensions.TryFind(id, out ReadOnlySpan<byte> second));
        Assert.Equal([7], first.ToArray());
        Assert.Equal(value, second.ToArray());
        Assert.False(extensions.TryFind(2, out _));
    }

    [Fact]
    public void NoElementsAreNoExtension()
    {
        byte[] packet = new byte[RtpHeader.FixedLength];

        Assert.Equal(RtpHeader.FixedLength, default(RtpHeader).Write(packet, new HeaderExtensionWriter(new byte[4]).Finish()));
        Assert.Equal(0x80, packet[0]);
    }

    [Theory]
    [InlineData(HeaderExtensions.OneByteProfile, 0, 1)]
    [InlineData(HeaderExtensions.OneByteProfile, 15, 1)]
    [InlineData(HeaderExtensions.OneByteProfile, 1, 0)]
    [InlineData(HeaderExtensions.OneByteProfile, 1, 17)]
    [InlineData(HeaderExtensions.TwoByteProfile, 0, 1)]
    [InlineData(HeaderExtensions.TwoByteProfile, 256, 1)]
    [InlineData(HeaderExtensions.TwoByteProfile, 1, 256)]
    public void WhatHasNoPlaceInAFormIsAMistake(ushort profile, int id, int length) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new HeaderExtensionWriter(new byte[1_000], profile).Add(id, new byte[length]));

    [Fact]
    public void AFullBufferIsAMistake()
    {
        Assert.Throws<ArgumentException>(() => new HeaderExtensionWriter(new byte[4]).Add(1, new byte[4]));
        Assert.Throws<ArgumentException>(() => new HeaderExtensionWriter(new byte[4], HeaderExtensions.TwoByteProfile).Add(1, new byte[3]));
        Assert.Throws<ArgumentException>(() =>
        {
            var writer = new HeaderExtensionWriter(new byte[3]);
            writer.Add(1, [1]);
            writer.Finish();
        });
    }

    private static string Read(ushort profile, string elements)
    {
        List<string> read = [];
        foreach (HeaderExtension element in new HeaderExtensions(profile, Convert.FromHexString(elements)))
            read.Add($"{element.Id}:{Convert.ToHexStringLower(element.Value)}");

        return string.Join(' ', read);
    }
}
