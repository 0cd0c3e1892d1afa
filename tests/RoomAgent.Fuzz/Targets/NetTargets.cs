using RoomAgent.Net;

namespace RoomAgent.Fuzz.Targets;

internal static class NetTargets
{
    /// <summary>Where to cut, then a stream with the framing of RFC 4571.</summary>
    public static FuzzTarget Framing { get; } = new("framing", input =>
    {
        if (input.IsEmpty)
            return;

        var framing = new StreamFraming(100);
        int cut = 1 + input[0];
        for (input = input[1..]; !input.IsEmpty;)
        {
            ReadOnlySpan<byte> piece = input[..Math.Min(cut, input.Length)];
            input = input[piece.Length..];
            while (framing.TryRead(ref piece, out ReadOnlySpan<byte> datagram))
            {
                if (datagram.Length is 0 or > 100)
                    throw new InvalidOperationException($"A datagram of {datagram.Length} bytes came out.");
            }
        }
    }, () => [[0, 0, 1, 7], [10, 0, 3, 1, 2, 3, 0, 0, 0, 2, 5, 6], [3, 0, 101, .. new byte[101], 0, 1, 9]]);

    /// <summary>A proxy as a setting or the environment gives it.</summary>
    public static FuzzTarget Proxy { get; } = new("media-proxy", input =>
    {
        string text = System.Text.Encoding.UTF8.GetString(input);
        MediaProxy.Parse(text);
        MediaProxy.FromEnvironment("node.example", _ => text);
    }, () => ["http://user:p%40ss@proxy.example:3128"u8.ToArray(), "*.example,.net,*"u8.ToArray()]);
}
