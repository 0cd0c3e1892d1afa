using System.Globalization;

namespace RoomAgent.Rtp;

/// <summary>Collects the lines of one media.</summary>
internal sealed class MediaParser : IDisposable
{
    private const int LargestPayloadType = 127;
    private const int LargestExtension = 255;
    private const int MostChannels = 255;

    private readonly string _kind;
    private readonly int _port;
    private readonly string _protocol;

    private readonly List<PayloadFormat> _formats = [];
    private readonly List<string> _feedback = [];
    private readonly List<ExtensionMapping> _extensions = [];
    private readonly List<MediaSource> _sources = [];
    private readonly List<CryptoAttribute> _crypto = [];
    private readonly List<SdpAttribute> _attributes = [];
    private MediaDirection? _direction;
    private string? _mid;
    private int? _bitRate;
    private bool _sframe;
    private SFrameMode? _mode;
    private bool _rtcpMux;
    private bool _rtcpReducedSize;

    private MediaParser(int line, string kind, int port, string protocol)
    {
        FirstLine = line;
        _kind = kind;
        _port = port;
        _protocol = protocol;
    }

    /// <summary>The m= line.</summary>
    public int FirstLine { get; }

    /// <summary>The name of the media, when it has one.</summary>
    public string? Mid => _mid;

    /// <summary>Takes an m= line.</summary>
    /// <returns>Why it is refused, or <see langword="null"/>.</returns>
    public static string? Begin(string text, int line, out MediaParser? media)
    {
        media = null;
        string[] parts = text.Split(' ');
        if (parts.Length < 4 || parts.Any(part => part.Length == 0) || !Numbers.TryRead(parts[1], 0, ushort.MaxValue, out int port))
            return "the m= line has not kind, port, protocol and formats";

        media = new MediaParser(line, parts[0], port, parts[2]);
        return MediaDescription.IsRtp(parts[2]) ? media.TakeFormats(parts[3..]) : null;
    }

    /// <summary>Takes a b= line.</summary>
    public string? TakeBandwidth(string text)
    {
        if (!text.StartsWith("TIAS:", StringComparison.Ordinal))
            return null;
        if (!Numbers.TryRead(text.AsSpan("TIAS:".Length), 0, int.MaxValue, out int bitRate))
            return "the bandwidth is no number";

        _bitRate = bitRate;
        return null;
    }

    /// <summary>Takes a key. It is zeroed when it is refused.</summary>
    public string? Take(CryptoAttribute crypto, int most)
    {
        string? reason = _crypto.Count == most ? "there are too many crypto attributes"
            : _crypto.Any(other => other.Tag == crypto.Tag) ? "two crypto attributes have one tag"
            : null;
        if (reason is null)
            _crypto.Add(crypto);
        else
            crypto.Dispose();

        return reason;
    }

    /// <summary>Takes an a= line, keys aside.</summary>
    public string? TakeAttribute(string name, string? value)
    {
        switch (name)
        {
            case "rtpmap":
                return TakeMapping(value ?? "");
            case "fmtp":
                return TakeParameters(value ?? "");
            case "rtcp-fb":
                return TakeFeedback(value ?? "");
            case "extmap":
                return TakeExtension(value ?? "");
            case "ssrc":
                return TakeSource(value ?? "");
            case "sendrecv":
                return TakeDirection(MediaDirection.SendReceive);
            case "sendonly":
                return TakeDirection(MediaDirection.SendOnly);
            case "recvonly":
                return TakeDirection(MediaDirection.ReceiveOnly);
            case "inactive":
                return TakeDirection(MediaDirection.Inactive);
            case "mid":
                bool fits = _mid is null && !string.IsNullOrEmpty(value) && !value.Contains(' ', StringComparison.Ordinal);
                _mid = value;
                return fits ? null : "a media has one name, without blanks";
            case "sframe":
                _sframe = true;
                return value is null ? null : "the sframe attribute has no value";
            case SdpWriter.ModeAttribute:
                _mode = SFrameMode.PerPacket;
                return value == SdpWriter.PerPacket ? null : "the sframe mode is unknown";
            case "rtcp-mux":
                _rtcpMux = true;
                return null;
            case "rtcp-rsize":
                _rtcpReducedSize = true;
                return null;
            default:
                _attributes.Add(new SdpAttribute(name, value));
                return null;
        }
    }

    /// <summary>What can be said only when all lines are there.</summary>
    public string? Check() => _mode is not null && !_sframe ? "a media has an sframe mode and no sframe" : null;

    public MediaDescription Build() => new()
    {
        Kind = _kind,
        Port = _port,
        Protocol = _protocol,
        Formats = _formats,
        Feedback = _feedback,
        Extensions = _extensions,
        Direction = _direction ?? MediaDirection.SendReceive,
        Sources = _sources,
        Mid = _mid,
        LargestBitRate = _bitRate,
        Crypto = _crypto,
        SFrame = _sframe ? _mode ?? SFrameMode.PerFrame : null,
        RtcpMux = _rtcpMux,
        RtcpReducedSize = _rtcpReducedSize,
        Attributes = _attributes,
    };

    public void Dispose() => _crypto.ForEach(crypto => crypto.Dispose());

    private string? TakeFormats(string[] formats)
    {
        foreach (string format in formats)
        {
            if (!Numbers.TryRead(format, 0, LargestPayloadType, out int number))
                return "a payload type is no number up to 127";
            if (Find(number) >= 0)
                return "a payload type comes twice";

            _formats.Add(new PayloadFormat((byte)number, "", 0));
        }

        return null;
    }

    // <payload type> <encoding>/<clock rate>[/<channels>]
    private string? TakeMapping(string value)
    {
        if (!TryTakeFormat(value, out int index, out string mapping))
            return "a mapping is of no payload type of this media";

        string[] parts = mapping.Split('/');
        int clockRate = 0;
        int channels = 1;
        bool fits = parts.Length is 2 or 3 && parts[0].Length > 0 && !mapping.Contains(' ', StringComparison.Ordinal)
            && Numbers.TryRead(parts[1], 1, int.MaxValue, out clockRate)
            && (parts.Length == 2 || Numbers.TryRead(parts[2], 1, MostChannels, out channels));
        if (!fits || _formats[index].Encoding.Length > 0)
            return "a mapping has no encoding and clock rate, or comes twice";

        _formats[index] = _formats[index] with { Encoding = parts[0], ClockRate = clockRate, Channels = channels };
        return null;
    }

    private string? TakeParameters(string value)
    {
        if (!TryTakeFormat(value, out int index, out string parameters))
            return "parameters are of no payload type of this media";
        if (parameters.Length == 0 || _formats[index].Parameters is not null)
            return "parameters are empty, or come twice";

        _formats[index] = _formats[index] with { Parameters = parameters };
        return null;
    }

    private string? TakeFeedback(string value)
    {
        if (value.StartsWith("* ", StringComparison.Ordinal) && value.Length > 2)
        {
            _feedback.Add(value[2..]);
            return null;
        }

        if (!TryTakeFormat(value, out int index, out string feedback) || feedback.Length == 0)
            return "feedback is of no payload type of this media, or of no kind";

        _formats[index] = _formats[index] with { Feedback = [.. _formats[index].Feedback, feedback] };
        return null;
    }

    // <number> <uri>; one with a direction or attributes is not spoken here, and kept as it is.
    private string? TakeExtension(string value)
    {
        string[] parts = value.Split(' ');
        if (parts.Length != 2 || parts[0].Contains('/', StringComparison.Ordinal))
        {
            _attributes.Add(new SdpAttribute("extmap", value));
            return null;
        }

        if (parts[1].Length == 0 || !Numbers.TryRead(parts[0], 1, LargestExtension, out int id))
            return "a header extension has no number up to 255 and no name";
        if (_extensions.Any(other => other.Id == id))
            return "a number of a header extension comes twice";

        _extensions.Add(new ExtensionMapping(id, parts[1]));
        return null;
    }

    // <ssrc> cname:<name>; other attributes of sources are kept as they are.
    private string? TakeSource(string value)
    {
        int blank = value.IndexOf(' ', StringComparison.Ordinal);
        if (blank < 0 || !uint.TryParse(value.AsSpan(0, blank), NumberStyles.None, CultureInfo.InvariantCulture, out uint ssrc))
            return "a source is no 32-bit number with an attribute";

        string attribute = value[(blank + 1)..];
        if (!attribute.StartsWith("cname:", StringComparison.Ordinal))
        {
            _attributes.Add(new SdpAttribute("ssrc", value));
            return null;
        }

        if (attribute.Length == "cname:".Length || _sources.Any(other => other.Ssrc.Value == ssrc))
            return "a source has an empty canonical name, or two";

        _sources.Add(new MediaSource(new Ssrc(ssrc), attribute["cname:".Length..]));
        return null;
    }

    private string? TakeDirection(MediaDirection direction)
    {
        if (_direction is not null)
            return "a media has one direction";

        _direction = direction;
        return null;
    }

    private bool TryTakeFormat(string value, out int index, out string rest)
    {
        int blank = value.IndexOf(' ', StringComparison.Ordinal);
        rest = blank < 0 ? "" : value[(blank + 1)..];
        index = Numbers.TryRead(blank < 0 ? value : value.AsSpan(0, blank), 0, LargestPayloadType, out int number) ? Find(number) : -1;
        return index >= 0;
    }

    private int Find(int number) => _formats.FindIndex(format => format.Number == number);
}
