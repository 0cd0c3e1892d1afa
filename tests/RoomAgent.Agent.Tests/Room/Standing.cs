using System.Text;
using RoomAgent.Agent.Calendar;
using RoomAgent.Agent.Ports;
using RoomAgent.Agent.Room;
using RoomAgent.Hal;
using RoomAgent.Meetings;
using RoomAgent.Mls;
using RoomAgent.Wire;

namespace RoomAgent.Agent.Tests.Room;

/// <summary>How a room can stand, for tests: every state of its account, and a meeting with members.</summary>
internal static class Standing
{
    public static readonly DateTimeOffset Ten = new(2026, 3, 2, 10, 0, 0, TimeSpan.Zero);

    /// <summary>Every state that an account can have; a test holds that none is missing.</summary>
    public static readonly CloudState[] Accounts =
    [
        new CloudState.NoHub(),
        new CloudState.HubUnknown("vunus-gupiv-paloz-titig-monak-fodoj"),
        .. Enum.GetValues<RefusedHub>().Select(why => new CloudState.HubRefused(why)),
        new CloudState.Pairing("BCDFGHJK", "hub.example.com/pair", "https://hub.example.com/pair?c=BCDFGHJK", "204817", "vunus-gupiv-paloz-titig-monak-fodoj", Ten.AddMinutes(10)),
        new CloudState.Registering(),
        new CloudState.Claimed("Northgate School"),
        new CloudState.Paired("Northgate School", "device-1"),
        new CloudState.Unreachable(HubFault.None, IsPaired: true),
        new CloudState.Unreachable(HubFault.None, IsPaired: false),
        new CloudState.StorageFailed(),
        .. Enum.GetValues<UnpairedReason>().Select(why => new CloudState.Unpaired(why)),
    ];

    /// <summary>A room with an account and nothing else to do.</summary>
    public static RoomStatus Ready { get; } = new()
    {
        Phase = DevicePhase.Registered,
        Account = new CloudState.Paired("Northgate School", "device-1"),
        RoomName = "Library",
        IsTimeKnown = true,
    };

    public static Occurrence Occurrence(string title, MeetingClass kind = MeetingClass.EndToEnd)
    {
        OccurrenceName name = Name(title);
        return new Occurrence(name, Ten, Ten.AddHours(1))
        {
            Title = title,
            Policy = new RoomPolicy { Name = new GroupName(name.MeetingId, name.Instance, 0), Class = kind },
        };
    }

    /// <summary>A room in a meeting with others.</summary>
    public static RoomStatus InMeeting(int others, MeetingStage stage = MeetingStage.Member) => Ready with
    {
        Meeting = new MeetingStatus
        {
            Name = Name("planning"),
            Title = "planning",
            Stage = stage,
            Issuer = "Example Devices CA",
            Members = [.. Enumerable.Range(0, others + 1).Select(i => Member((uint)i) with { IsSelf = i == 0 })],
        },
    };

    public static MemberStatus Member(uint leaf)
    {
        var who = new Participant(ByteString.Owning([(byte)leaf]), new ParticipantName(NameKind.Dns, ByteString.CopyOf(Encoding.ASCII.GetBytes($"room{leaf}.example.com"))));
        return new MemberStatus(new LeafIndex(leaf), who, $"Room {leaf}", IdentityVerdict.Verified) { IsConfirmed = true };
    }

    /// <summary>The same status with its meeting changed.</summary>
    public static RoomStatus With(this RoomStatus status, Func<MeetingStatus, MeetingStatus> change) => status with { Meeting = change(status.Meeting!) };

    /// <summary>The same meeting with the last member changed.</summary>
    public static MeetingStatus WithLast(this MeetingStatus meeting, Func<MemberStatus, MemberStatus> change) =>
        meeting with { Members = [.. meeting.Members.SkipLast(1), change(meeting.Members[^1])] };

    private static OccurrenceName Name(string id) => new(ByteString.CopyOf(Encoding.ASCII.GetBytes(id)), ByteString.Owning(new byte[16]));
}
