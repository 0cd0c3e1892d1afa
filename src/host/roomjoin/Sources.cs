namespace RoomAgent.Join;

/// <summary>What people call cameras and microphones, as the settings of a room name them. <see langword="null"/> stands for none.</summary>
internal static class Sources
{
    /// <summary>The word for no device.</summary>
    public const string None = "none";

    private const string Camera = "/dev/video0";

    private static readonly string[] s_schemes = ["v4l2:", "lavfi:", "file:"];
    private static readonly string[] s_sound = ["alsa:", "lavfi:", "file:"];
    private static readonly string[] s_alsa = ["hw:", "plughw:", "default", "sysdefault", "pulse", "pipewire", "dsnoop:", "front:"];

    /// <summary>A camera: a device, a file, <c>test</c> for the test picture, <c>none</c>. Without a word the first camera there is.</summary>
    /// <exception cref="JoinProblem">There is no such thing.</exception>
    public static string? CameraOf(string? text) => text switch
    {
        null => File.Exists(Camera) ? $"v4l2:{Camera}" : null,
        None => null,
        "test" => "",
        _ when HasOneOf(text, s_schemes) => text,
        _ when text.StartsWith("/dev/", StringComparison.Ordinal) => File.Exists(text) ? $"v4l2:{text}" : throw Missing("--camera", text),
        _ => FileOf("--camera", text, "a device such as /dev/video0, a file, test or none"),
    };

    /// <summary>A microphone: a device of ALSA, a file, <c>tone</c>, <c>none</c>. Without a word the system's.</summary>
    /// <exception cref="JoinProblem">There is no such thing.</exception>
    public static string? MicrophoneOf(string? text) => text switch
    {
        null => "alsa:default",
        None => null,
        "tone" => "",
        _ when HasOneOf(text, s_sound) => text,
        _ when HasOneOf(text, s_alsa) => $"alsa:{text}",
        _ => FileOf("--microphone", text, "a device of ALSA such as hw:1, a file, tone or none"),
    };

    /// <summary>A loudspeaker: a device of ALSA, or <c>none</c>, which plays to nobody. Without a word the system's.</summary>
    public static string SpeakerOf(string? text) => text switch
    {
        null => "alsa:default",
        None => "",
        _ when text.StartsWith("alsa:", StringComparison.Ordinal) => text,
        _ => $"alsa:{text}",
    };

    private static bool HasOneOf(string text, string[] beginnings) => beginnings.Any(one => text.StartsWith(one, StringComparison.Ordinal));

    private static string FileOf(string option, string text, string otherwise) => File.Exists(text) ? $"file:{Path.GetFullPath(text)}" : throw Missing(option, text, otherwise);

    private static JoinProblem Missing(string option, string text, string? otherwise = null) =>
        new(ExitStatus.Usage, $"{option} {text}: there is no such {(otherwise is null ? "device" : $"file; it takes {otherwise}")}.");
}
