using RoomAgent.Agent.Calendar;
using RoomAgent.Agent.Meetings;
using RoomAgent.Agent.Ports;
using RoomAgent.Hal;
using RoomAgent.SFrame;

namespace RoomAgent.Agent.Room;

/// <summary>What there is to see of a room's state. Nothing but the state decides.</summary>
public static class RoomScenes
{
    private const string GroupSuite = "MLS_128_DHKEMP256_AES128GCM_SHA256_P256";
    private const string MediaSuite = "AES_256_GCM_SHA512_128";
    private const string TransportSuite = "AEAD_AES_256_GCM";
    private const int GroupDigits = 5;

    /// <summary>The tile of the room's own picture.</summary>
    public static TileId SelfView { get; } = new(uint.MaxValue);

    /// <summary>The tile of what a member sends.</summary>
    /// <param name="leaf">Its leaf.</param>
    /// <param name="context">Camera or content.</param>
    public static TileId TileOf(int leaf, FrameContext context) => new(((uint)leaf << 2) | (uint)context);

    /// <summary>What there is to see.</summary>
    /// <param name="status">How the room stands.</param>
    /// <param name="look">Language and theme.</param>
    public static ScreenContents Of(RoomStatus status, ScreenLook look) =>
        new(SceneOf(status)) { RoomName = status.RoomName, Look = look, Notice = NoticeOf(status) };

    // What people are in comes first, then what they are about to be in, then what the device needs.
    private static RoomScene SceneOf(RoomStatus status) => status switch
    {
        { Meeting: { } meeting } => SceneOf(status, meeting),
        { Countdown: { } countdown } => new CountdownScene(countdown.What.Title, countdown.JoinsAt, ProtectionOf(countdown.What.Policy?.Class != RoomAgent.Meetings.MeetingClass.Encrypted)) { IsOnAtOnce = status.JoinsUnmuted },
        { Phase: DevicePhase.Starting } => new StartingScene(),
        { Account: CloudState.Claimed claimed } => new ClaimedScene(claimed.Organisation),
        { Phase: DevicePhase.Unpaired or DevicePhase.Pairing or DevicePhase.Revoked } => SceneOf(status.Account),
        { IsWithoutRoom: true } => new WhichRoomScene(),
        _ => new IdleScene([.. status.Calendar.Select(EntryOf)]) { DoNotDisturbUntil = status.DoNotDisturbUntil },
    };

    private static RoomScene SceneOf(CloudState account) => account switch
    {
        CloudState.NoHub => new SetupScene(),
        CloudState.HubUnknown unknown => new HubWordsScene(unknown.Words),
        CloudState.HubRefused => new TroubleScene(Trouble.HubRefused),
        CloudState.Pairing pairing => new PairingScene(pairing.Code, pairing.Page, pairing.PageWithCode, pairing.ExpiresAt) { Digits = pairing.Digits, HubWords = pairing.Words },
        CloudState.Unreachable => new TroubleScene(Trouble.HubUnreachable),
        CloudState.StorageFailed => new TroubleScene(Trouble.StorageFull),
        CloudState.Unpaired => new TroubleScene(Trouble.NotPaired),
        _ => new RegisteringScene(),
    };

    private static RoomScene SceneOf(RoomStatus status, MeetingStatus meeting)
    {
        MeetingProtection protection = ProtectionOf(meeting.IsEndToEnd);
        TileId? self = status.IsCameraOff ? null : SelfView;
        return meeting.Stage switch
        {
            MeetingStage.Ended or MeetingStage.Leaving => meeting.Trouble is { } trouble ? new TroubleScene(trouble) { Detail = meeting.Title } : new LeftScene(meeting.Title),
            MeetingStage.Reconnecting => new ReconnectingScene(meeting.Title),
            MeetingStage.Lobby => new WaitingScene(meeting.Title, meeting.IsTooEarly ? WaitingReason.NotStarted : WaitingReason.Lobby, protection) { SelfView = self },
            MeetingStage.Member => Members(status, meeting, protection),
            _ => new WaitingScene(meeting.Title, WaitingReason.Joining, protection) { SelfView = self },
        };
    }

    private static MeetingScene Members(RoomStatus status, MeetingStatus meeting, MeetingProtection protection) => new(
        meeting.Title, protection, [.. meeting.Members.Where(member => !member.IsSelf).Select(TileOf)])
    {
        Layout = meeting.Members.Count > 5 ? MeetingLayout.ActiveSpeaker : MeetingLayout.Grid,
        Speaker = meeting.Members.FirstOrDefault(member => member is { IsSelf: false, IsSpeaking: true }) is { } speaker ? TileOf((int)speaker.Leaf.Value, FrameContext.Camera) : null,
        SelfView = SelfView,
        IsMuted = status.IsMuted,
        IsCameraOff = status.IsCameraOff,
        Code = CodeOf(meeting),
        Information = status.IsSecurityShown ? new SecurityInformation(GroupSuite, MediaSuite, TransportSuite, meeting.Issuer, meeting.Media.Transport) : null,
    };

    private static MeetingTile TileOf(MemberStatus member) => new(TileOf((int)member.Leaf.Value, FrameContext.Camera), member.Name, member.Verdict)
    {
        IsMuted = member.IsMuted,
        IsCameraOff = member.IsCameraOff,
        IsSpeaking = member.IsSpeaking,
        IsNotConfirmed = member.IsSilent,
    };

    private static MeetingProtection ProtectionOf(bool isEndToEnd) => isEndToEnd ? MeetingProtection.EndToEndEncrypted : MeetingProtection.Encrypted;

    private static SecurityCode? CodeOf(MeetingStatus meeting)
    {
        ShownCode shown = meeting.Code;
        if (shown.Code is not { } code || shown.Status == CodeStatus.None)
            return null;

        string digits = new([.. code.Full.Where(char.IsAsciiDigit)]);
        string[] groups = [.. digits.Chunk(GroupDigits).Select(group => new string(group))];
        return new SecurityCode(groups, code.Epoch, shown.Members)
        {
            IsChanging = shown.Status == CodeStatus.Changing,
            IsHeld = shown.Status == CodeStatus.Frozen,
            IsNotConfirmed = meeting.Members.Any(member => member.IsSilent),
        };
    }

    private static CalendarEntry EntryOf(Occurrence occurrence) => new(occurrence.StartsAt, occurrence.EndsAt, occurrence.Title, occurrence.Organiser) { Elsewhere = occurrence.Elsewhere ?? "" };

    // The worst first.
    private static Trouble? NoticeOf(RoomStatus status) => status switch
    {
        { Meeting: { IsForked: true, Stage: MeetingStage.Member } } => Trouble.MembersDisagree,
        { Meeting: { IsServiceBehind: true, Stage: MeetingStage.Reconnecting } } => Trouble.MeetingLostByHub,
        { Meeting: { IsDecisionOpen: true, Stage: MeetingStage.Member } } => Trouble.DecisionNotDone,
        { Meeting: { Stage: MeetingStage.Member } meeting } when meeting.Members.Any(member => member.IsSilentForLong) => Trouble.MemberNotConfirmed,
        { Meeting: { Stage: MeetingStage.Member, Differences: not RoomAgent.Meetings.PolicyDifferences.None } } => Trouble.NotAsInvited,
        { NextBookingInMinutes: 1 } => Trouble.NextBookingInOneMinute,
        { NextBookingInMinutes: not null } => Trouble.NextBookingInFiveMinutes,
        { Meeting: { IsHost: true, Waiting.Count: > 0, Stage: MeetingStage.Member } } => Trouble.SomebodyWaits,
        { Account: CloudState.HubRefused, Phase: DevicePhase.Offline or DevicePhase.Paired } => Trouble.HubRefused,
        { Account: CloudState.StorageFailed } => Trouble.StorageFull,
        { Phase: DevicePhase.Offline, Meeting: null } => Trouble.HubUnreachable,
        { Phase: DevicePhase.Paired or DevicePhase.Registered, IsTimeKnown: false } => Trouble.ClockNotTrusted,
        _ => null,
    };
}
