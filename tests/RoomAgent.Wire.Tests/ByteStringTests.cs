using System.Runtime.InteropServices;

namespace RoomAgent.Wire.Tests;

public sealed class ByteStringTests
{
    [Fact]
    public void EqualBytesAreEqualAndHashAlike()
    {
        for (int length = 0; length < 20; length++)
        {
            byte[] bytes = [.. Enumerable.Range(1, length).Select(i => (byte)i)];
            var one = ByteString.CopyOf(bytes);
            var same = ByteString.Owning([.. bytes]);

            Assert.True(one == same);
            Assert.Equal(one.GetHashCode(), same.GetHashCode());
            Assert.Equal(bytes, one.ToArray());
            for (int i = 0; i < length; i++)
            {
                byte[] changed = [.. bytes];
                changed[i] ^= 0x80;
                Assert.True(one != ByteString.Owning(changed));
                Assert.NotEqual(one.GetHashCode(), ByteString.Owning(changed).GetHashCode());
            }
        }
    }

    [Fact]
    public void NoBytesAreEqualHoweverTheyCame()
    {
        Assert.Equal(ByteString.Empty, ByteString.Owning([]));
        Assert.Equal(ByteString.Empty.GetHashCode(), ByteString.Owning([]).GetHashCode());
        Assert.True(ByteString.Empty.IsEmpty);
        Assert.Equal("", ByteString.Empty.ToString());
    }

    [Fact]
    public void BytesOfAStrangersChoiceDoNotCollide()
    {
        // The lanes of xxHash32, which HashCode uses, each take one word in every four. A flipped top bit of a word becomes
        // 2^12 times a prime, more or less, after the round; the next word of the lane takes that back for every second seed.
        const int Differences = 12;
        uint correction = unchecked((1u << 12) * 2654435761u * InverseOf(2246822519u));
        HashSet<int> hashes = [];
        for (int choice = 0; choice < 1 << Differences; choice++)
        {
            byte[] bytes = new byte[Differences * 8];
            Span<uint> words = MemoryMarshal.Cast<byte, uint>(bytes.AsSpan());
            for (int i = 0; i < Differences; i++)
            {
                if ((choice & (1 << i)) == 0)
                    continue;

                int word = (i / 4 * 8) + (i % 4);
                words[word] ^= 0x8000_0000;
                words[word + 4] = unchecked(words[word + 4] - correction);
            }

            hashes.Add(ByteString.Owning(bytes).GetHashCode());
        }

        Assert.InRange(hashes.Count, (1 << Differences) - 50, 1 << Differences);
    }

    // Modulo 2^32, of an odd number, by Newton's method.
    private static uint InverseOf(uint odd)
    {
        uint inverse = 1;
        for (int i = 0; i < 5; i++)
            inverse = unchecked(inverse * (2 - (odd * inverse)));

        return inverse;
    }
}
