using FsCheck;
using FsCheck.Fluent;
using RoomAgent.Hal.Media;

namespace RoomAgent.Hal.Tests.Pictures;

[Collection(Alone.Name)]
public sealed class HostileStreamTests
{
    private static readonly VideoEncoding s_tiny = new(new VideoFormat(160, 96, 30), 400_000);

    [Fact]
    public void TenThousandBrokenUnitsLeaveNoMemoryBehindAndADecoderThatDecodes()
    {
        List<byte[]> units = Scenes.Encode(30, s_tiny, noise: 20);
        using H264Decoder decoder = Scenes.OpenDecoder();
        var random = new Random(5);
        Feed(2_000);
        long before = OwnProcess.Resident;

        Feed(10_000);

        Assert.InRange(OwnProcess.Resident - before, long.MinValue, 16L << 20);
        Assert.True(decoder.Undecodable > 500, $"{decoder.Undecodable}");
        Assert.True(decoder.Concealed > 500, $"{decoder.Concealed}");
        Assert.Equal(DeviceOutcome.Done, decoder.Decode(units[0], default, out VideoFrame? picture));
        Assert.False(picture!.IsConcealed);
        picture.Dispose();

        void Feed(int count)
        {
            for (int i = 0; i < count; i++)
            {
                decoder.Decode(Break(units[random.Next(units.Count)], random), default, out VideoFrame? made);
                made?.Dispose();
            }
        }
    }

    [Fact]
    public void AUnitMayEndAnywhere()
    {
        List<byte[]> units = Scenes.Encode(2, s_tiny);
        using H264Decoder decoder = Scenes.OpenDecoder();
        for (int length = 0; length <= units[0].Length; length++)
        {
            // A copy of exactly that length, so that reading past the end is a fault.
            decoder.Decode(units[0].AsSpan(0, length).ToArray(), default, out VideoFrame? picture);
            picture?.Dispose();
        }

        Assert.Equal(DeviceOutcome.Done, decoder.Decode(units[1], default, out VideoFrame? last));
        last!.Dispose();
    }

    [Fact]
    public void NoiseIsRefused() => Prop.ForAll<byte[]>(noise =>
    {
        using H264Decoder decoder = Scenes.OpenDecoder();
        DeviceOutcome outcome = decoder.Decode(noise, default, out VideoFrame? picture);
        Assert.Null(picture);
        Assert.Contains(outcome, new[] { DeviceOutcome.Failed, DeviceOutcome.Nothing, DeviceOutcome.Unsupported });
    }).QuickCheckThrowOnFailure();

    [Theory]
    [InlineData(257, 16)]
    [InlineData(16, 257)]
    [InlineData(1_000, 1_000)]
    public void APictureLargerThan4096IsUnsupported(int widthInBlocks, int heightInBlocks)
    {
        using H264Decoder decoder = Scenes.OpenDecoder();
        byte[] unit = new ForgedStream().Parameters(widthInBlocks, heightInBlocks).Slice(0, isIdr: true, new byte[20]).Written;

        Assert.Equal(DeviceOutcome.Unsupported, decoder.Decode(unit, default, out VideoFrame? picture));

        Assert.Null(picture);
        Assert.Equal(1, decoder.Undecodable);
        StillDecodes(decoder);
    }

    [Theory]
    [InlineData(2, 8)]
    [InlineData(3, 8)]
    [InlineData(1, 10)]
    public void AnotherKindOfColourIsUnsupported(int chromaFormat, int bitDepth)
    {
        using H264Decoder decoder = Scenes.OpenDecoder();
        byte[] unit = new ForgedStream().Parameters(10, 6, 1, chromaFormat, bitDepth).Slice(0, isIdr: true, new byte[20]).Written;

        Assert.Equal(DeviceOutcome.Unsupported, decoder.Decode(unit, default, out VideoFrame? picture));

        Assert.Null(picture);
        StillDecodes(decoder);
    }

    [Fact]
    public void AStreamThatWantsToBeRememberedForeverIsCutOff()
    {
        using H264Decoder decoder = Scenes.OpenDecoder();
        long before = OwnProcess.Resident;
        byte[] first = new ForgedStream().Parameters(256, 256, references: 16).Slice(0, isIdr: true, [0xff, 0xff]).Written;
        DeviceOutcome outcome = decoder.Decode(first, default, out VideoFrame? picture);
        picture?.Dispose();
        Assert.Equal(DeviceOutcome.Done, outcome);

        List<DeviceOutcome> outcomes = [];
        for (int i = 1; i <= 16; i++)
        {
            outcomes.Add(decoder.Decode(new ForgedStream().Slice(i, isIdr: false, [0xff, 0xff]).Written, default, out picture));
            picture?.Dispose();
        }

        // 16 pictures of 25 MB would be 400 MB.
        Assert.Contains(DeviceOutcome.Unsupported, outcomes);
        Assert.InRange(OwnProcess.Resident - before, long.MinValue, 256L << 20);
        StillDecodes(decoder);
    }

    [Fact]
    public void StreamsThatLieInWaitForMemoryTogetherAreCutOffTogether()
    {
        List<H264Decoder> decoders = [.. Enumerable.Range(0, 12).Select(_ => Scenes.OpenDecoder())];
        long before = OwnProcess.Resident;
        int pictures = 0;
        foreach (H264Decoder decoder in decoders)
        {
            for (int i = 0; i < 5; i++)
            {
                var stream = new ForgedStream();
                byte[] unit = i == 0 ? stream.Parameters(256, 256, references: 16).Slice(0, isIdr: true, [0xff, 0xff]).Written : stream.Slice(i, isIdr: false, [0xff, 0xff]).Written;
                decoder.Decode(unit, default, out VideoFrame? picture);
                pictures += picture is null ? 0 : 1;
                picture?.Dispose();
            }
        }

        // 12 x 5 pictures of 25 MB would be 1.5 GB. FFmpeg's tables of what is in a picture are half as large as the picture and come on top.
        Assert.InRange(pictures, 12, 384 / 24);
        Assert.InRange(OwnProcess.Resident - before, 200L << 20, 700L << 20);
        Assert.True(decoders[^1].Undecodable > 0);

        // Whoever is honest finds room again when one of them has gone.
        decoders[0].Dispose();
        StillDecodes(decoders[^1]);
        decoders.ForEach(decoder => decoder.Dispose());
        using H264Decoder next = Scenes.OpenDecoder();
        StillDecodes(next);
    }

    [Fact]
    public void DecodersThatComeAndGoLeaveNothingBehind()
    {
        byte[] key = Scenes.Encode(1, s_tiny)[0];
        Round(100);
        long before = OwnProcess.Resident;

        Round(1_000);

        Assert.InRange(OwnProcess.Resident - before, long.MinValue, 16L << 20);

        void Round(int count)
        {
            for (int i = 0; i < count; i++)
            {
                using H264Decoder decoder = Scenes.OpenDecoder(pictures: 1);
                decoder.Decode(key, default, out VideoFrame? picture);
                if (i % 2 == 0)
                    decoder.Dispose();
                picture!.Dispose();
            }
        }
    }

    private static void StillDecodes(H264Decoder decoder)
    {
        Assert.Equal(DeviceOutcome.Done, decoder.Decode(Scenes.Encode(1, s_tiny)[0], default, out VideoFrame? picture));
        Assert.Equal((160, 96), (picture!.Width, picture.Height));
        picture.Dispose();
    }

    private static byte[] Break(byte[] unit, Random random)
    {
        byte[] broken = random.Next(4) == 0 ? unit[..random.Next(1, unit.Length)] : [.. unit];
        for (int i = random.Next(1, 6); i > 0; i--)
            broken[random.Next(broken.Length)] = (byte)random.Next(256);
        return broken;
    }
}
