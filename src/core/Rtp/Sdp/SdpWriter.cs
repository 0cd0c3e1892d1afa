using System.Buffers.Text;
using System.Globalization;
using System.Text;
using RoomAgent.Rtp.Srtp;
using RoomAgent.Wire;

namespace RoomAgent.Rtp;

/// <summary>Writes a description in the order that RFC 8866 section 5 wants.</summary>
internal static class SdpWriter
{
    public const string ModeAttribute = "x-roomagent-sframe";
    public const string PerPacket = "packet";

    public static void Write(SessionDescription description, ref WireWriter writer)
    {
        SessionOrigin origin = description.Origin;
        Line(ref writer, "v=0");
        Line(ref writer, $"o={origin.UserName} {origin.SessionId} {origin.Version} {origin.Address}");
        Line(ref writer, $"s={description.Name}");
        Line(ref writer, "c=IN IP4 0.0.0.0");
        Line(ref writer, "t=0 0");
        foreach (MediaGroup group in description.Groups)
            Line(ref writer, $"a=group:{string.Join(' ', group.Mids.Prepend(group.Semantics))}");
        foreach (TransportAddress address in description.Transports)
            Line(ref writer, $"a={TransportAddress.Attribute}:{address}");

        Others(ref writer, description.Attributes);
        foreach (MediaDescription media in description.Media)
            Write(media, ref writer);
    }

    private static void Write(MediaDescription media, ref WireWriter writer)
    {
        // An m= line has a format even when the media has none that is known.
        string formats = media.Formats.Count == 0 ? "0" : string.Join(' ', media.Formats.Select(format => format.Number));
        Line(ref writer, $"m={media.Kind} {media.Port} {media.Protocol} {formats}");
        if (media.LargestBitRate is { } bitRate)
            Line(ref writer, $"b=TIAS:{bitRate}");
        if (media.Mid is { } mid)
            Line(ref writer, $"a=mid:{mid}");

        // Both sides send unless something else is said, and a line more might be one too many to be read again.
        if (media.Direction != MediaDirection.SendReceive)
            Line(ref writer, $"a={DirectionName(media.Direction)}");
        if (media.RtcpMux)
            Line(ref writer, "a=rtcp-mux");
        if (media.RtcpReducedSize)
            Line(ref writer, "a=rtcp-rsize");
        if (media.SFrame is not null)
            Line(ref writer, "a=sframe");
        if (media.SFrame is SFrameMode.PerPacket)
            Line(ref writer, $"a={ModeAttribute}:{PerPacket}");
        foreach (CryptoAttribute crypto in media.Crypto)
            Write(crypto, ref writer);
        foreach (string feedback in media.Feedback)
            Line(ref writer, $"a=rtcp-fb:* {feedback}");
        foreach (PayloadFormat format in media.Formats)
            Write(format, ref writer);
        foreach (ExtensionMapping extension in media.Extensions)
            Line(ref writer, $"a=extmap:{extension.Id} {extension.Uri}");
        foreach (MediaSource source in media.Sources)
            Line(ref writer, $"a=ssrc:{source.Ssrc.Value} cname:{source.Cname}");

        Others(ref writer, media.Attributes);
    }

    private static void Write(PayloadFormat format, ref WireWriter writer)
    {
        if (format.Encoding.Length > 0)
        {
            string channels = format.Channels == 1 ? "" : $"/{format.Channels}";
            Line(ref writer, $"a=rtpmap:{format.Number} {format.Encoding}/{format.ClockRate}{channels}");
        }

        if (format.Parameters is { } parameters)
            Line(ref writer, $"a=fmtp:{format.Number} {parameters}");
        foreach (string feedback in format.Feedback)
            Line(ref writer, $"a=rtcp-fb:{format.Number} {feedback}");
    }

    // The key goes straight into memory that is zeroed, never through a string.
    private static void Write(CryptoAttribute crypto, ref WireWriter writer)
    {
        Text(ref writer, $"a=crypto:{crypto.Tag} {crypto.Profile.SdesName()} inline:");
        Base64.EncodeToUtf8(crypto.KeyAndSalt.Bytes, writer.Reserve(Base64.GetMaxEncodedToUtf8Length(crypto.KeyAndSalt.Length)), out _, out _);
        Line(ref writer, crypto.Lifetime is { } lifetime ? $"|2^{lifetime}" : "");
    }

    private static void Others(ref WireWriter writer, IReadOnlyList<SdpAttribute> attributes)
    {
        foreach (SdpAttribute attribute in attributes)
            Line(ref writer, attribute.Value is { } value ? $"a={attribute.Name}:{value}" : $"a={attribute.Name}");
    }

    private static string DirectionName(MediaDirection direction) => direction switch
    {
        MediaDirection.SendOnly => "sendonly",
        MediaDirection.ReceiveOnly => "recvonly",
        _ => "inactive",
    };

    private static void Line(ref WireWriter writer, string text)
    {
        Text(ref writer, text);
        writer.WriteBytes("\r\n"u8);
    }

    private static void Text(ref WireWriter writer, string text)
    {
        if (text.Any(c => char.GetUnicodeCategory(c) == UnicodeCategory.Control))
            throw new InvalidOperationException("A string of a session description has a control character in it.");

        Encoding.UTF8.GetBytes(text, writer.Reserve(Encoding.UTF8.GetByteCount(text)));
    }
}
