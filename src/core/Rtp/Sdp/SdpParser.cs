using System.Globalization;
using System.Text;
using System.Text.Unicode;

namespace RoomAgent.Rtp;

/// <summary>Reads a description line by line and stops at the first one that is wrong.</summary>
/// <remarks>What is not known is passed over (RFC 8866 section 5), attributes kept; what is known must be right.</remarks>
internal ref struct SdpParser
{
    private const string FirstTypes = "vos";
    private const int MostTransports = 16;
    private const int MostCrypto = 16;

    private readonly int _length;
    private ReadOnlySpan<byte> _rest;
    private int _line;

    private SessionOrigin? _origin;
    private string _name = "-";
    private bool _timed;
    private readonly List<MediaGroup> _groups = [];
    private readonly List<TransportAddress> _transports = [];
    private readonly List<SdpAttribute> _attributes = [];
    private readonly List<MediaParser> _media = [];
    private int _attributeCount;

    public SdpParser(ReadOnlySpan<byte> text)
    {
        _length = text.Length;
        _rest = text;
    }

    /// <summary>Why <see cref="Parse"/> gave nothing.</summary>
    public SdpRefusal? Refusal { get; private set; }

    public SessionDescription? Parse()
    {
        string? reason = _length > SessionDescription.LongestText ? "the text is too long" : null;
        while (reason is null && !_rest.IsEmpty)
        {
            _line++;
            reason = TakeLine();
        }

        if (reason is null && !_timed)
        {
            _line = 0;
            reason = "the description ends before its t= line";
        }

        for (int i = 0; reason is null && i < _media.Count; i++)
        {
            _line = _media[i].FirstLine;
            reason = _media[i].Check();
            if (_media[i].Mid is { } mid && _media.FindIndex(media => media.Mid == mid) != i)
                reason = "two media have one name";
        }

        if (reason is null)
        {
            return new SessionDescription
            {
                Origin = _origin!,
                Name = _name,
                Groups = _groups,
                Transports = _transports,
                Attributes = _attributes,
                Media = [.. _media.Select(media => media.Build())],
            };
        }

        foreach (MediaParser media in _media)
            media.Dispose();

        Refusal = new SdpRefusal(_line, reason);
        return null;
    }

    private string? TakeLine()
    {
        int end = _rest.IndexOf((byte)'\n');
        ReadOnlySpan<byte> line = end < 0 ? _rest : _rest[..end];
        _rest = end < 0 ? default : _rest[(end + 1)..];
        if (line.EndsWith("\r"u8))
            line = line[..^1];

        if (line.Length > SessionDescription.LongestLine)
            return "the line is too long";
        if (line.Length < 2 || line[1] != '=')
            return "the line is no type with a value";
        if (!Utf8.IsValid(line))
            return "the line is no UTF-8";

        char type = (char)line[0];
        if (_line <= FirstTypes.Length && type != FirstTypes[_line - 1])
            return "a description begins with v=, o= and s=";

        // A key never becomes a string, which nobody could zero.
        ReadOnlySpan<byte> value = line[2..];
        if (type == 'a' && value.StartsWith("crypto:"u8))
            return CountAttribute() ?? TakeCrypto(value["crypto:"u8.Length..]);

        string text = Encoding.UTF8.GetString(value);
        if (text.Any(c => char.GetUnicodeCategory(c) == UnicodeCategory.Control))
            return "the line has a control character in it";

        return type switch
        {
            'v' => _line == 1 && text == "0" ? null : "the version is not 0, or comes twice",
            'o' => _line == 2 ? TakeOrigin(text) : "a second o= line",
            's' => _line == 3 ? TakeName(text) : "a second s= line",
            't' => TakeTime(),
            'm' => TakeMedia(text),
            'b' => _media.Count > 0 ? _media[^1].TakeBandwidth(text) : null,
            'a' => CountAttribute() ?? TakeAttribute(text),
            'c' or 'i' or 'u' or 'e' or 'p' or 'r' or 'z' or 'k' => null,
            _ => "no line begins like this",
        };
    }

    private string? CountAttribute() =>
        ++_attributeCount > SessionDescription.MostAttributes ? "there are too many attributes" : null;

    private readonly string? TakeCrypto(ReadOnlySpan<byte> value)
    {
        if (_media.Count == 0)
            return "a crypto attribute belongs to a media";

        string? reason = CryptoAttribute.Parse(value, out CryptoAttribute? crypto);
        return crypto is null ? reason : _media[^1].Take(crypto, MostCrypto);
    }

    private string? TakeOrigin(string text)
    {
        string[] parts = text.Split(' ');
        if (parts.Length != 6 || parts.Any(part => part.Length == 0))
            return "the o= line has not its six fields";
        if (!TryReadNumber(parts[1], out ulong id) || !TryReadNumber(parts[2], out ulong version))
            return "the session or its version in the o= line is no 64-bit number";

        _origin = new SessionOrigin(id, version, parts[0], string.Join(' ', parts[3..]));
        return null;
    }

    private static bool TryReadNumber(string text, out ulong number) =>
        ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);

    private string? TakeName(string text)
    {
        _name = text;
        return text.Length > 0 ? null : "the name of the session is empty";
    }

    private string? TakeTime()
    {
        if (_media.Count > 0)
            return "a t= line belongs to the session";

        _timed = true;
        return null;
    }

    private string? TakeMedia(string text)
    {
        if (!_timed)
            return "a media comes before the t= line";
        if (_media.Count == SessionDescription.MostMedia)
            return "there are too many media";

        _attributeCount = 0;
        string? reason = MediaParser.Begin(text, _line, out MediaParser? media);
        if (media is not null)
            _media.Add(media);

        return reason;
    }

    private readonly string? TakeAttribute(string text)
    {
        int colon = text.IndexOf(':', StringComparison.Ordinal);
        string name = colon < 0 ? text : text[..colon];
        string? value = colon < 0 ? null : text[(colon + 1)..];
        if (name.Length == 0 || name.Contains(' ', StringComparison.Ordinal))
            return "the attribute has no name";

        return _media.Count > 0 ? _media[^1].TakeAttribute(name, value) : TakeSessionAttribute(name, value);
    }

    private readonly string? TakeSessionAttribute(string name, string? value)
    {
        switch (name)
        {
            case "group":
                string[] words = (value ?? "").Split(' ');
                if (words.Any(word => word.Length == 0))
                    return "a group has an empty name in it";

                _groups.Add(new MediaGroup(words[0], words[1..]));
                return null;

            case TransportAddress.Attribute:
                if (_transports.Count == MostTransports)
                    return "there are too many transports";
                if (TransportAddress.Parse(value ?? "") is not { } address)
                    return "a transport is not one of udp, tcp and wss with its address";

                _transports.Add(address);
                return null;

            default:
                _attributes.Add(new SdpAttribute(name, value));
                return null;
        }
    }
}
