using RoomAgent.Crypto;
using RoomAgent.Wire;

namespace RoomAgent.Rtp;

/// <summary>A session description: the part of RFC 8866 that a meeting needs, with keys (RFC 4568). A value; <see cref="Dispose"/> zeroes the keys in it.</summary>
public sealed record SessionDescription : IDisposable
{
    /// <summary>Bytes of the longest text that is read.</summary>
    public const int LongestText = 64 * 1024;

    /// <summary>Bytes of the longest line that is read, without its end.</summary>
    public const int LongestLine = 4 * 1024;

    /// <summary>The most media that are read.</summary>
    public const int MostMedia = 64;

    /// <summary>The most attributes that are read, of the session and of each media.</summary>
    public const int MostAttributes = 256;

    /// <summary>Who made it, and its version.</summary>
    public required SessionOrigin Origin { get; init; }

    /// <summary>The name of the session; a dash when it has none. Not empty.</summary>
    public string Name { get; init; } = "-";

    /// <summary>Media that belong together (RFC 5888).</summary>
    public IReadOnlyList<MediaGroup> Groups { get; init; } = [];

    /// <summary>The doors of a media node, in order of preference. At most 16.</summary>
    public IReadOnlyList<TransportAddress> Transports { get; init; } = [];

    /// <summary>Attributes of the session that have no property here, in their order.</summary>
    public IReadOnlyList<SdpAttribute> Attributes { get; init; } = [];

    /// <summary>The media, in their order. An answer has as many as its offer.</summary>
    public IReadOnlyList<MediaDescription> Media { get; init; } = [];

    /// <summary>Reads a description. Never throws for what the text says.</summary>
    /// <param name="text">UTF-8, lines ending with CRLF or LF. It has keys in it: the caller zeroes it.</param>
    /// <param name="description">The description, to be disposed of; <see langword="null"/> when it is refused.</param>
    /// <param name="refusal">Where and why it is refused; <see langword="null"/> when it is not.</param>
    public static bool TryParse(ReadOnlySpan<byte> text, out SessionDescription? description, out SdpRefusal? refusal)
    {
        var parser = new SdpParser(text);
        description = parser.Parse();
        refusal = parser.Refusal;
        return description is not null;
    }

    /// <summary>The text, UTF-8 with CRLF. It is secret because of the keys.</summary>
    /// <exception cref="InvalidOperationException">A string in the description has a control character in it.</exception>
    public Secret Write()
    {
        WireWriter writer = WireWriter.Growing(LongestLine);
        try
        {
            SdpWriter.Write(this, ref writer);
            return Secret.CopyOf(writer.Written);
        }
        finally
        {
            writer.Dispose();
        }
    }

    /// <summary>Zeroes the keys of all media.</summary>
    public void Dispose()
    {
        foreach (CryptoAttribute crypto in Media.SelectMany(media => media.Crypto))
            crypto.Dispose();
    }
}

/// <summary>Where and why a text is refused as a session description.</summary>
/// <param name="Line">The line, the first being 1; 0 when it is about the whole.</param>
/// <param name="Reason">What is wrong, in words of ours: nothing of the text is repeated.</param>
public sealed record SdpRefusal(int Line, string Reason);

/// <summary>Who made a description (RFC 8866 section 5.2).</summary>
/// <param name="SessionId">The number of the session.</param>
/// <param name="Version">Counts the descriptions of the session.</param>
/// <param name="UserName">A dash when it is nobody's business. No blanks.</param>
/// <param name="Address">The host, as <c>IN IP4 192.0.2.1</c> writes it.</param>
public sealed record SessionOrigin(ulong SessionId, ulong Version, string UserName = "-", string Address = "IN IP4 0.0.0.0");

/// <summary>Media that belong together (RFC 5888), such as those of one transport: <c>BUNDLE</c> (RFC 9143).</summary>
/// <param name="Semantics">In which sense.</param>
/// <param name="Mids">The names of the media.</param>
public sealed record MediaGroup(string Semantics, IReadOnlyList<string> Mids)
{
    /// <summary>The semantics of one transport for all.</summary>
    public const string Bundle = "BUNDLE";
}

/// <summary>An attribute that has no meaning here and is kept as it is.</summary>
/// <param name="Name">The word before the colon.</param>
/// <param name="Value">What follows it; <see langword="null"/> without a colon.</param>
public sealed record SdpAttribute(string Name, string? Value);
