namespace RoomAgent.Hal.Media;

/// <summary>Where an encoder takes pictures from.</summary>
public enum EncoderSurface
{
    /// <summary>Planar pictures in memory.</summary>
    Yuv420,

    /// <summary>Pictures in memory with the colours interleaved, as many chips want them.</summary>
    Nv12,

    /// <summary>Surfaces of a graphics processor; pictures are uploaded.</summary>
    Vaapi,
}

/// <summary>An encoder of FFmpeg for H.264, with what it has to be told. Each has options of its own: what is right for one keeps another from opening.</summary>
/// <param name="Name">FFmpeg's name for it.</param>
/// <param name="Options"><c>name=value:name=value</c>. No B frames, no key frames but those that are asked for, and a key frame that is asked for can be decoded alone.</param>
/// <param name="Baseline">Options for the constrained baseline profile.</param>
/// <param name="Main">Options for the main profile.</param>
public sealed record EncoderChoice(string Name, string Options, string Baseline, string Main)
{
    /// <summary>Where it takes pictures from.</summary>
    public EncoderSurface Surface { get; init; }

    /// <summary>Whether hardware does the work.</summary>
    public bool IsHardware { get; init; }

    /// <summary>Whether it heeds a new bit rate while it runs. One that does not is opened anew, which costs a key frame.</summary>
    public bool FollowsBitRate { get; init; }

    /// <summary>
    /// What a room tries, in this order: the chip of a Raspberry Pi 4 and older (with a kernel that drives it), the graphics processor of a PC, the processor.
    /// </summary>
    /// <remarks>
    /// 66 and 77 are profile_idc, 578 is baseline with constraint_set1_flag (ITU-T H.264, A.2.1), as FFmpeg counts them. The most pictures between key frames is,
    /// where "never" cannot be said, as many as the encoder takes: drivers bring larger numbers into their range.
    /// </remarks>
    public static IReadOnlyList<EncoderChoice> Usual { get; } =
    [
        new("h264_v4l2m2m", "g=65535", "profile=578", "profile=77") { IsHardware = true },
        new("h264_v4l2m2m", "g=65535", "profile=578", "profile=77") { IsHardware = true, Surface = EncoderSurface.Nv12 },
        new("h264_vaapi", "g=65535:bf=0:async_depth=1", "profile=constrained_baseline", "profile=main") { IsHardware = true, Surface = EncoderSurface.Vaapi },
        new("libx264", "preset=superfast:tune=zerolatency:forced-idr=1:g=1073741824:sc_threshold=0", "profile=baseline", "profile=main") { FollowsBitRate = true },
    ];

    /// <summary>Its name, and how it takes pictures when that is not the usual way.</summary>
    public override string ToString() => Surface == EncoderSurface.Yuv420 ? Name : $"{Name} ({Surface.ToString().ToLowerInvariant()})";
}
