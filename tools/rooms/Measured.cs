using System.Globalization;
using RoomAgent.XApi;

namespace RoomAgent.Rooms;

/// <summary>What a room saw and heard for some seconds.</summary>
/// <param name="Room">Which.</param>
/// <param name="Now">The meeting, at the end.</param>
/// <param name="Seen">How many others came as pictures.</param>
/// <param name="Heard">How many others came as sound.</param>
/// <param name="Pictures">Decoded pictures a second of each that was seen.</param>
/// <param name="Sounds">Frames of sound a second of each that was heard.</param>
/// <param name="Lost">Packets lost for good meanwhile.</param>
/// <param name="Wanted">How many it has to see and hear.</param>
internal sealed record Measured(Room Room, MeetingView? Now, int Seen, int Heard, double Pictures, double Sounds, long Lost, int Wanted)
{
    private const double LeastPictures = 3, LeastSounds = 5;

    /// <summary>Whether the picture on the display changed.</summary>
    public bool IsMoving { get; init; }

    /// <summary>What the columns of <see cref="Row"/> are.</summary>
    public static string Heading => "room         paired  certified  joined  picture  epoch  sees  pictures/s  hears  sound/s  transport      round trip  lost  undecryptable";

    /// <summary>Whether that is a meeting.</summary>
    public bool IsGood => Now is { Stage: "Member", IsEndToEnd: true, IsForked: false } && IsMoving && Seen >= Wanted && Heard >= Wanted && Pictures >= LeastPictures && Sounds >= LeastSounds;

    /// <summary>Compares two moments.</summary>
    public static Measured Of(Room room, MeetingView? before, MeetingView? now, TimeSpan time, int wanted)
    {
        var old = (before?.Media.Streams ?? []).ToDictionary(stream => (stream.Leaf, stream.IsVideo));
        long[] Grown(bool isVideo) => [.. (now?.Media.Streams ?? []).Where(stream => stream.IsVideo == isVideo).Select(stream => stream.Frames - (old.GetValueOrDefault((stream.Leaf, isVideo))?.Frames ?? 0)).Where(frames => frames > 0)];
        long[] pictures = Grown(isVideo: true), sounds = Grown(isVideo: false);
        long lost = (now?.Media.Streams.Sum(stream => stream.Lost) ?? 0) - (before?.Media.Streams.Sum(stream => stream.Lost) ?? 0);
        return new Measured(room, now, pictures.Length, sounds.Length, Rate(pictures, time), Rate(sounds, time), lost, wanted);
    }

    /// <summary>As a line of the story.</summary>
    public string InWords() => string.Create(CultureInfo.InvariantCulture,
        $"epoch {Now?.Epoch}, sees {Seen} at {Pictures:0.0} pictures/s, hears {Heard}, {Now?.Media.Transport}, {Now?.Media.RoundTrip ?? double.NaN:0.0} ms to the node and back, {Lost} lost, {Now?.Media.Undecryptable} undecryptable");

    /// <summary>As a row of the table; times are seconds since the start.</summary>
    public string Row() => string.Create(CultureInfo.InvariantCulture,
        $"{Room.Name,-12} {At("Claimed"),6}  {At("Certified"),9}  {At("Member"),6}  {At("Picture"),7}  {Now?.Epoch,5}  {Seen,4}  {Pictures,10:0.0}  {Heard,5}  {Sounds,7:0.0}  {Now?.Media.Transport,-13}  {Now?.Media.RoundTrip ?? double.NaN,7:0.0} ms  {Lost,4}  {Now?.Media.Undecryptable,13}");

    private string At(string what) => Room.When(what) is { } when ? when.TotalSeconds.ToString("0.0", CultureInfo.InvariantCulture) : "-";

    private static double Rate(long[] frames, TimeSpan time) => frames.Length == 0 ? 0 : frames.Average() / time.TotalSeconds;
}
