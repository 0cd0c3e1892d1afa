using RoomAgent.Agent.Calendar;
using RoomAgent.Agent.Meetings;
using RoomAgent.Agent.Ports;
using RoomAgent.Agent.Room;
using RoomAgent.Meetings;
using RoomAgent.XApi;

namespace RoomAgent.LocalApi.Feed;

/// <summary>The room as it is told. Each field is named here, so that nothing gets out because it came to be in the status.</summary>
internal static class RoomViews
{
    /// <summary>The whole.</summary>
    public static RoomView Of(RoomStatus status, long version) => new()
    {
        Version = version,
        Phase = status.Phase.ToString(),
        Account = Of(status.Account),
        RoomName = status.RoomName,
        DnsName = status.DnsName,
        CertifiedUntil = status.CertifiedUntil,
        IsTimeKnown = status.IsTimeKnown,
        IsWithoutRoom = status.IsWithoutRoom,
        Calendar = Of(status.Calendar),
        Countdown = status.Countdown is { } countdown ? Of(countdown) : null,
        DoNotDisturbUntil = status.DoNotDisturbUntil,
        Meeting = status.Meeting is { } meeting ? Of(meeting) : null,
        IsMuted = status.IsMuted,
        IsCameraOff = status.IsCameraOff,
        IsSecurityShown = status.IsSecurityShown,
        NextBookingInMinutes = status.NextBookingInMinutes,
    };

    /// <summary>The calendar.</summary>
    public static IReadOnlyList<BookingView> Of(IReadOnlyList<Occurrence> calendar) => [.. calendar.Select(Of)];

    /// <summary>Names somebody in commands: the hash of the key, which no two have.</summary>
    public static string IdOf(Participant who) => who.KeyHash.ToString();

    private static AccountView Of(CloudState account) => account switch
    {
        CloudState.HubUnknown unknown => new() { State = "HubUnknown", Words = unknown.Words },
        CloudState.HubRefused refused => new() { State = "HubRefused", Why = refused.Why.ToString() },
        CloudState.Pairing pairing => new() { State = "Pairing", Code = pairing.Code, Page = pairing.Page, Digits = pairing.Digits, Words = pairing.Words, ExpiresAt = pairing.ExpiresAt },
        CloudState.Claimed claimed => new() { State = "Claimed", Organisation = claimed.Organisation },
        CloudState.Paired paired => new() { State = "Paired", Organisation = paired.Organisation },
        CloudState.Unreachable unreachable => new() { State = "Unreachable", Why = unreachable.Why.ToString() },
        CloudState.Unpaired unpaired => new() { State = "Unpaired", Why = unpaired.Why.ToString() },
        _ => new() { State = account.GetType().Name },
    };

    private static BookingView Of(Occurrence what) => new()
    {
        MeetingId = what.Name.MeetingId.ToString(),
        Instance = what.Name.Instance.ToString(),
        Title = what.Title,
        Organiser = what.Organiser,
        StartsAt = what.StartsAt,
        EndsAt = what.EndsAt,
        CanJoin = what.Policy is not null,
        Elsewhere = what.Elsewhere,
    };

    private static CountdownView Of(Countdown countdown) => new()
    {
        MeetingId = countdown.What.Name.MeetingId.ToString(),
        Instance = countdown.What.Name.Instance.ToString(),
        Title = countdown.What.Title,
        Organiser = countdown.What.Organiser,
        StartsAt = countdown.What.StartsAt,
        EndsAt = countdown.What.EndsAt,
        CanJoin = true,
        JoinsAt = countdown.JoinsAt,
    };

    private static MeetingView Of(MeetingStatus meeting) => new()
    {
        MeetingId = meeting.Name.MeetingId.ToString(),
        Instance = meeting.Name.Instance.ToString(),
        Title = meeting.Title,
        Stage = meeting.Stage.ToString(),
        IsEndToEnd = meeting.IsEndToEnd,
        Trouble = meeting.Trouble?.ToString(),
        Generation = meeting.Generation,
        Epoch = meeting.Epoch,
        Code = Of(meeting.Code),
        Members = [.. meeting.Members.Select(Of)],
        Waiting = [.. meeting.Waiting.Select(waiting => new WaitingView { ParticipantId = IdOf(waiting.Who), Name = waiting.Name, Verdict = waiting.Verdict.ToString() })],
        IsHost = meeting.IsHost,
        IsLocked = meeting.IsLocked,
        IsStrict = meeting.IsStrict,
        Differences = meeting.Differences.ToString(),
        IsForked = meeting.IsForked,
        IsDecisionOpen = meeting.IsDecisionOpen,
        IsServiceBehind = meeting.IsServiceBehind,
        Changes = [.. meeting.Changes.Select(change => new ChangeView(change.Name, change.HasCome, change.Cause.ToString(), change.Epoch))],
        Media = Of(meeting.Media),
    };

    private static CodeView? Of(ShownCode code) => code.Code is not { } shown ? null : new()
    {
        Status = code.Status.ToString(),
        Epoch = shown.Epoch,
        Short = shown.Short,
        Full = shown.Full,
        Machine = shown.Machine,
        Members = code.Members,
    };

    private static MemberView Of(MemberStatus member) => new()
    {
        ParticipantId = IdOf(member.Who),
        Name = member.Name,
        Verdict = member.Verdict.ToString(),
        Leaf = (int)member.Leaf.Value,
        Reason = member.Reason,
        IsSelf = member.IsSelf,
        IsHost = member.IsHost,
        IsMuted = member.IsMuted,
        IsCameraOff = member.IsCameraOff,
        IsSpeaking = member.IsSpeaking,
        IsConfirmed = member.IsConfirmed,
    };

    private static MediaView Of(MediaStatus media) => new()
    {
        Transport = media.Transport,
        Encoder = media.Encoder,
        TargetBitRate = media.TargetBitRate,
        RoundTrip = media.RoundTrip?.TotalMilliseconds,
        PicturesSent = media.PicturesSent,
        SoundsSent = media.SoundsSent,
        Undecryptable = media.Undecryptable,
        Streams = [.. media.Streams.Select(stream => new StreamView(stream.Leaf, stream.IsVideo, stream.Frames, stream.Lost) { LongestPause = stream.LongestPause.TotalMilliseconds })],
    };
}
