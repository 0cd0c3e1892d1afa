namespace RoomAgent.Rtp.Tests;

public sealed class OpusPacketTests
{
    /// <summary>RFC 6716 table 2, in ticks of 1/48 ms: four durations each for SILK in three bands and CELT in four, two for hybrid in two bands.</summary>
    private static readonly int[] s_durations =
    [
        480, 960, 1_920, 2_880, 480, 960, 1_920, 2_880, 480, 960, 1_920, 2_880,
        480, 960, 480, 960,
        120, 240, 480, 960, 120, 240, 480, 960, 120, 240, 480, 960, 120, 240, 480, 960,
    ];

    [Fact]
    public void OneOrTwoFramesLastAsLongAsTheTableSays()
    {
        for (int config = 0; config < 32; config++)
        {
            Assert.Equal(s_durations[config], Duration([(byte)(config << 3)]));
            Assert.Equal(s_durations[config], Duration([(byte)((config << 3) | 4)]));
            Assert.Equal(2 * s_durations[config], Duration([(byte)((config << 3) | 1), 1, 1]));
            Assert.Equal(2 * s_durations[config], Duration([(byte)((config << 3) | 2), 1, 1]));
        }
    }

    [Fact]
    public void UpTo120MillisecondsOfFramesAreCounted()
    {
        for (int config = 0; config < 32; config++)
        {
            for (int frames = 0; frames < 64; frames++)
            {
                int total = frames * s_durations[config];
                int? expected = total is > 0 and <= 5_760 ? total : null;
                Assert.Equal(expected, Duration([(byte)((config << 3) | 3), (byte)(0xc0 | frames)]));
            }
        }
    }

    [Fact]
    public void NoPacketHasNoDuration()
    {
        Assert.Null(Duration([]));
        Assert.Null(Duration([0x03]));
    }

    private static int? Duration(byte[] packet) => OpusPacket.TryGetDuration(packet, out int duration) ? duration : null;
}
