namespace RoomAgent.Testing;

/// <summary>Cuts a good message at every length, which is what a network and an attacker do first.</summary>
public static class Truncation
{
    public delegate bool Decoder(ReadOnlySpan<byte> input);

    /// <summary>The lengths, from nothing to one byte less than all, at which <paramref name="decode"/> accepts the beginning of <paramref name="good"/>.</summary>
    /// <exception cref="ArgumentException">The whole message is refused, so that the sweep would show nothing.</exception>
    public static IReadOnlyList<int> AcceptedLengths(ReadOnlySpan<byte> good, Decoder decode)
    {
        if (!decode(good))
            throw new ArgumentException("The whole message is refused.", nameof(good));

        List<int> accepted = [];
        for (int length = 0; length < good.Length; length++)
        {
            // A copy of exactly that length, so that reading past the end is an error and not a look at the rest.
            if (decode(good[..length].ToArray()))
                accepted.Add(length);
        }

        return accepted;
    }
}
