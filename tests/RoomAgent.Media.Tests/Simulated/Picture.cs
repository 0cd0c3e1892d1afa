using System.Buffers.Binary;

namespace RoomAgent.Media.Tests.Simulated;

/// <summary>A frame of an encoder that encodes nothing: it says which it is, and is filled with bytes that follow from that.</summary>
internal static class Picture
{
    private const int Head = 6;

    public static int Write(Span<byte> frame, int leaf, int number, bool isKeyFrame)
    {
        BinaryPrimitives.WriteInt32BigEndian(frame, number);
        frame[4] = isKeyFrame ? (byte)1 : (byte)0;
        frame[5] = (byte)leaf;
        for (int i = Head; i < frame.Length; i++)
            frame[i] = Filling(leaf, number, i);
        return frame.Length;
    }

    /// <summary>Fails the test unless every byte is what it should be.</summary>
    public static (int Number, bool IsKeyFrame) Read(ReadOnlySpan<byte> frame, int leaf)
    {
        int number = BinaryPrimitives.ReadInt32BigEndian(frame);
        Assert.Equal(leaf, frame[5]);
        int wrong = 0;
        for (int i = Head; i < frame.Length; i++)
            wrong += frame[i] == Filling(leaf, number, i) ? 0 : 1;
        Assert.Equal(0, wrong);
        return (number, frame[4] == 1);
    }

    private static byte Filling(int leaf, int number, int i) => (byte)((number * 31) + (i * 7) + leaf);
}
