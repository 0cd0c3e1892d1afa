using RoomAgent.Crypto;
using RoomAgent.SFrame;
using RoomAgent.Wire;

namespace RoomAgent.Agent.Meetings;

/// <summary>What changes with the keys of media. They are made where the group is and used where frames are, which are two loops.</summary>
public abstract record KeyChange;

/// <summary>An epoch was merged.</summary>
/// <param name="Epoch">Which one, and who is in it.</param>
/// <param name="BaseKey">MLS-Exporter("SFrame 1.0 Base Key", "", Nk), RFC 9605 section 5.2; whoever takes the change disposes of it.</param>
/// <param name="MergedAt">When.</param>
public sealed record EpochBegan(FrameEpoch Epoch, Secret BaseKey, Instant MergedAt) : KeyChange;

/// <summary>All connected members have merged an epoch.</summary>
/// <param name="Epoch">Which one.</param>
public sealed record AllReady(ulong Epoch) : KeyChange;

/// <summary>We may send from now on, or may not any more: not in the meeting, or the service does not answer.</summary>
/// <param name="MaySend">Whether we may.</param>
public sealed record SendingChanged(bool MaySend) : KeyChange;

/// <summary>We are not in the meeting any more: all keys go.</summary>
public sealed record KeysEnded : KeyChange;
