namespace RoomAgent.Hal.Media;

/// <summary>Where pictures or sound come from or go to.</summary>
public enum MediaSourceKind
{
    /// <summary>A camera of the kernel.</summary>
    V4l2,

    /// <summary>A microphone or loudspeaker of ALSA.</summary>
    Alsa,

    /// <summary>A graph of FFmpeg's filters, which makes something up.</summary>
    Lavfi,

    /// <summary>A file.</summary>
    File,
}

/// <summary>A source as an administrator writes it: <c>v4l2:/dev/video0</c>, <c>alsa:default?channels=4</c>, <c>lavfi:testsrc2=size=1280x720:rate=30</c>, <c>file:/path?loop</c>.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Address">A device, a filter graph or a path.</param>
public sealed record MediaSource(MediaSourceKind Kind, string Address)
{
    /// <summary>Whether a file begins again at its end (<c>?loop</c>).</summary>
    public bool IsLooped { get; init; }

    /// <summary>Whether a file or a graph comes in real time, as from a device; else as fast as it is read (<c>?fast</c>, files only).</summary>
    public bool IsPaced { get; init; } = true;

    /// <summary>How many channels a microphone is asked for (<c>?channels=4</c>, ALSA only), 1 to 8; 0: as many as FFmpeg asks for when it is not told, which is two.</summary>
    public int Channels { get; init; }

    /// <summary>Reads one.</summary>
    /// <param name="text">What an administrator wrote.</param>
    /// <param name="source">What it says.</param>
    /// <param name="problem">In a sentence, why it says nothing; else empty.</param>
    public static bool TryParse(string text, out MediaSource? source, out string problem)
    {
        source = null;
        int colon = text.IndexOf(':', StringComparison.Ordinal);
        MediaSourceKind? kind = (colon < 0 ? text : text[..colon]) switch
        {
            "v4l2" => MediaSourceKind.V4l2,
            "alsa" => MediaSourceKind.Alsa,
            "lavfi" => MediaSourceKind.Lavfi,
            "file" => MediaSourceKind.File,
            _ => null,
        };
        if (kind is null || colon == text.Length - 1 || colon < 0 || text.Contains('\0', StringComparison.Ordinal))
        {
            problem = "A source is v4l2:DEVICE, alsa:DEVICE, lavfi:GRAPH or file:PATH.";
            return false;
        }

        // A graph may have question marks of its own; a path's last one begins what is said about it.
        string rest = text[(colon + 1)..];
        int mark = kind == MediaSourceKind.Lavfi ? -1 : rest.LastIndexOf('?');
        var read = new MediaSource(kind.Value, mark < 0 ? rest : rest[..mark]);
        foreach (string word in mark < 0 ? [] : rest[(mark + 1)..].Split('&'))
        {
            if (kind == MediaSourceKind.File && word == "loop")
            {
                read = read with { IsLooped = true };
            }
            else if (kind == MediaSourceKind.File && word == "fast")
            {
                read = read with { IsPaced = false };
            }
            else if (kind == MediaSourceKind.Alsa && word.StartsWith("channels=", StringComparison.Ordinal) && int.TryParse(word["channels=".Length..], out int channels) && channels is >= 1 and <= 8)
            {
                read = read with { Channels = channels };
            }
            else
            {
                problem = $"'{word}' says nothing about a source: a file has loop and fast, ALSA has channels=1 to channels=8.";
                return false;
            }
        }

        source = read;
        problem = "";
        return true;
    }

    /// <summary>As an administrator writes it, without what is said about it.</summary>
    public override string ToString() => $"{Kind.ToString().ToLowerInvariant()}:{Address}";
}
