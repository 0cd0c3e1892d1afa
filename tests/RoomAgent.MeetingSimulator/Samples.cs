using RoomAgent.Meetings;
using RoomAgent.Testing;
using RoomAgent.Wire;

namespace RoomAgent.MeetingSimulator;

/// <summary>One good example of everything that travels.</summary>
public static class Samples
{
    private static readonly ByteString s_bytes = ByteString.CopyOf("something"u8);

    public static ByteString Digest { get; } = ByteString.Owning([.. Enumerable.Range(0, Limits.Digest).Select(i => (byte)i)]);

    public static RoomPolicy Policy { get; } =
        People.Policy(strict: true, 3, People.Named("host0"), People.Named("host1")).WithEjected(People.Named("room2").Participant, 5);

    public static SignedHostAction Admission { get; } = Sign(HostActionKind.Admit);

    public static Heartbeat Beat { get; } = new(12, Digest, MemberState.Muted);

    public static LobbyEntry Entry { get; } = new(People.Named("room1").Credential.Certificates);

    public static IReadOnlyList<ClientMessage> FromClients { get; } =
    [
        new Hello(Policy.Name.Instance, 7, 0, Digest),
        new PublishKeyPackages([s_bytes, s_bytes], s_bytes),
        new JoinRequest([Admission]),
        new Found(1, 2, s_bytes),
        new CommitUpload(1, 2, 3, s_bytes, s_bytes, s_bytes, [4, 5], IsExternal: false),
        new AskGroup(),
        new Relay(1, 2, s_bytes),
        new Ready(1, 2),
        new Refuse(1, ClientCode.Policy),
        new Report(1, ClientCode.Unprocessable),
        new LeaveMeeting(),
        new HostActionUpload(1, Sign(HostActionKind.Lock)),
        new Ping(1, 2, IsMember: true),
    ];

    public static IReadOnlyList<ServiceMessage> FromService { get; } =
    [
        new MeetingState(1, 2, 3, HasGroup: true, 4, IsReplayed: true, IsPresent: false, Policy),
        new JoinAnswer(JoinOutcome.Lobby),
        new JoinAnswer(JoinOutcome.Create, 1, 3_000, Policy),
        new Answer(1, AnswerOutcome.MissingRequired, ServiceCode.None, 2, 3, [4]),
        new Logged(1, 2, 3, s_bytes, [new LeafCause(1, RosterCause.Host)]),
        new WelcomeDelivery(1, 2, 3, s_bytes, s_bytes, [Admission]),
        new GroupDelivery(1, 2, s_bytes, s_bytes),
        new OpenRequests(1, 2, [0, 3],
        [
            new MeetingRequest { Id = 1, Kind = RequestKind.Add, KeyPackage = s_bytes, Actions = [Admission] },
            new MeetingRequest { Id = 2, Kind = RequestKind.Remove, Leaf = 4, Cause = RosterCause.Lost },
            new MeetingRequest { Id = 3, Kind = RequestKind.Update, Leaf = 5, Deadline = 30_000 },
            new MeetingRequest { Id = 4, Kind = RequestKind.Policy, Actions = [Sign(HostActionKind.Unlock)] },
        ]),
        new Lobby([Entry]),
        new Relayed(1, 2, s_bytes),
        new SwitchKeys(1, 2),
        new Reset(1),
        new Pong(1),
        new KeyPackagesWanted(),
    ];

    private static SignedHostAction Sign(HostActionKind kind)
    {
        Person host = People.Named("host0");
        Participant? target = HostAction.NeedsTarget(kind) ? People.Named("room1").Participant : null;
        return SignedHostAction.Sign(People.Suite, HostAction.Create(Digest, kind, target, 4, new SeededRandom(5)), host.Credential, host.Key);
    }
}
