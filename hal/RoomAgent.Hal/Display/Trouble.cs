namespace RoomAgent.Hal;

/// <summary>What can go wrong, as people in a room understand it. Each has words for what happened and for what they can do.</summary>
public enum Trouble
{
    /// <summary>No camera was found at the start.</summary>
    NoCamera,

    /// <summary>No microphone was found at the start.</summary>
    NoMicrophone,

    /// <summary>No speaker was found at the start.</summary>
    NoSpeaker,

    /// <summary>The camera was there and is gone.</summary>
    CameraLost,

    /// <summary>The microphone was there and is gone.</summary>
    MicrophoneLost,

    /// <summary>Pictures cannot be encoded: others hear the room and do not see it.</summary>
    EncoderFailed,

    /// <summary>No network at all: no cable, no address.</summary>
    NoNetwork,

    /// <summary>There is a network, and the hub does not answer.</summary>
    HubUnreachable,

    /// <summary>The machine's clock is wrong or nobody vouches for it, so that certificates cannot be judged.</summary>
    ClockNotTrusted,

    /// <summary>The room's own certificate has expired.</summary>
    CertificateExpired,

    /// <summary>The room's own certificate was revoked.</summary>
    CertificateRevoked,

    /// <summary>The hub does not know the room any more: it has to be paired again.</summary>
    NotPaired,

    /// <summary>The machine's storage is full.</summary>
    StorageFull,

    /// <summary>The machine is too hot and does less.</summary>
    TooHot,

    /// <summary>The host did not let the room in.</summary>
    NotAdmitted,

    /// <summary>The meeting has as many participants as it may have.</summary>
    MeetingFull,

    /// <summary>The host has locked the meeting.</summary>
    MeetingLocked,

    /// <summary>The meeting is not end-to-end encrypted as it should be, or its members do not agree on its keys; the room stays out or has left.</summary>
    MeetingNotSecure,

    /// <summary>The host removed the room.</summary>
    RemovedFromMeeting,

    /// <summary>The meeting is over.</summary>
    MeetingEnded,

    /// <summary>Somebody answers at the hub's address who is not the room's hub.</summary>
    HubRefused,

    /// <summary>The room's next booking begins in five minutes, and takes the room away from its meeting.</summary>
    NextBookingInFiveMinutes,

    /// <summary>The same, in a minute.</summary>
    NextBookingInOneMinute,

    /// <summary>Members of the meeting were shown different things by the service.</summary>
    MembersDisagree,

    /// <summary>Somebody in the meeting has not said for long that they are in the same state as the others.</summary>
    MemberNotConfirmed,

    /// <summary>The meeting has other hosts or rules than those that the room was told when it was invited.</summary>
    NotAsInvited,

    /// <summary>What a host decided in this room is not in force for long: the service has not passed it on, or nobody has done it.</summary>
    DecisionNotDone,

    /// <summary>The service has lost a part of the meeting that the room still has. It sends nothing until there is a new group.</summary>
    MeetingLostByHub,

    /// <summary>Somebody waits until a host lets them in, and this room is one.</summary>
    SomebodyWaits,
}
