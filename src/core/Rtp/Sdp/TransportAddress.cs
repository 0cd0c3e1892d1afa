namespace RoomAgent.Rtp;

/// <summary>How media gets to a media node.</summary>
public enum MediaTransport
{
    /// <summary>Datagrams, one packet in each.</summary>
    Udp,

    /// <summary>A stream with the frames of RFC 4571.</summary>
    Tcp,

    /// <summary>The same frames in a binary WebSocket over HTTPS, which proxies let pass.</summary>
    Wss,
}

/// <summary>A door of a media node, as the attribute <c>a=x-roomagent-transports</c> names it. A description names its doors in order of preference, one in a line.</summary>
/// <remarks>
/// <code>
/// a=x-roomagent-transports:udp 192.0.2.1 5004
/// a=x-roomagent-transports:tcp 192.0.2.1 5004
/// a=x-roomagent-transports:wss https://hub.example/media
/// </code>
/// </remarks>
/// <param name="Transport">How.</param>
/// <param name="Host">An IP address or a host name; for <see cref="MediaTransport.Wss"/> a whole URL with <c>https</c>.</param>
/// <param name="Port">1 to 65,535; 0 for <see cref="MediaTransport.Wss"/>, whose URL says it.</param>
public sealed record TransportAddress(MediaTransport Transport, string Host, int Port)
{
    internal const string Attribute = "x-roomagent-transports";

    private const int LongestHost = 255;
    private const int LongestUrl = 1_024;

    /// <summary>Reads the value of the attribute.</summary>
    internal static TransportAddress? Parse(string value)
    {
        string[] parts = value.Split(' ', 4);
        return parts switch
        {
            ["udp", var host, var port] when IsHost(host) && Numbers.TryRead(port, 1, ushort.MaxValue, out int number) => new(MediaTransport.Udp, host, number),
            ["tcp", var host, var port] when IsHost(host) && Numbers.TryRead(port, 1, ushort.MaxValue, out int number) => new(MediaTransport.Tcp, host, number),
            ["wss", var url] when IsUrl(url) => new(MediaTransport.Wss, url, 0),
            _ => null,
        };
    }

    /// <summary>The value of the attribute.</summary>
    public override string ToString() => Transport switch
    {
        MediaTransport.Udp => $"udp {Host} {Port}",
        MediaTransport.Tcp => $"tcp {Host} {Port}",
        _ => $"wss {Host}",
    };

    private static bool IsHost(string host) =>
        host.Length is > 0 and <= LongestHost && host.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or ':' or '-');

    private static bool IsUrl(string url) =>
        url.Length <= LongestUrl && url.All(c => c is > ' ' and < '\x7f')
        && Uri.TryCreate(url, UriKind.Absolute, out Uri? parsed) && parsed.Scheme == Uri.UriSchemeHttps;
}
