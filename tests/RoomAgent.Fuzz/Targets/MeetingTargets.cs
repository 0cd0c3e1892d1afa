using RoomAgent.Agent.Meetings;
using RoomAgent.Hub.Meetings;
using RoomAgent.Meetings;
using RoomAgent.MeetingSimulator;
using RoomAgent.Wire;

namespace RoomAgent.Fuzz.Targets;

/// <summary>Everything in the meeting protocol that reads bytes of others: decoders, whose result must encode to the same bytes again, a desk and a member.</summary>
internal static class MeetingTargets
{
    private static readonly Lazy<(World World, ConnectionId Room)> s_meeting = new(Gather);

    /// <summary>A message of a client.</summary>
    public static FuzzTarget FromClient { get; } = new(
        "meeting-client-message",
        input => RequireSame(input, ClientMessage.Decode(input)?.Encode()),
        () => Samples.FromClients.Select(message => message.Encode().ToArray()));

    /// <summary>A message of the service.</summary>
    public static FuzzTarget FromService { get; } = new(
        "meeting-service-message",
        input => RequireSame(input, ServiceMessage.Decode(input)?.Encode()),
        () => Samples.FromService.Select(message => message.Encode().ToArray()));

    /// <summary>The room_policy extension.</summary>
    public static FuzzTarget Policy { get; } =
        new("meeting-policy", input => RequireSame(input, RoomPolicy.Decode(input)?.Encode()), () => [Samples.Policy.Encode().ToArray()]);

    /// <summary>The host actions in a commit, up to their signatures.</summary>
    public static FuzzTarget HostActions { get; } = new("meeting-host-actions", input =>
    {
        if (SignedHostAction.DecodeList(input) is not { Count: > 0 } actions)
            return;

        RequireSame(input, SignedHostAction.EncodeList(actions));
        foreach (SignedHostAction action in actions)
            action.Verify(People.Suite, action.Action.GroupId, Samples.Policy, People.Identities);
    }, () => [SignedHostAction.EncodeList([Samples.Admission, Samples.Admission]).ToArray()]);

    /// <summary>What members tell each other.</summary>
    public static FuzzTarget Beat { get; } =
        new("meeting-heartbeat", input => RequireSame(input, Heartbeat.Decode(input)?.Encode()), () => [Samples.Beat.Encode().ToArray()]);

    /// <summary>A member that sends anything to the desk. The group stays the same, since no input is a commit that it signed.</summary>
    public static FuzzTarget Desk { get; } = new("meeting-desk", input =>
    {
        (World world, ConnectionId room) = s_meeting.Value;
        MeetingDesk desk = world.Desk!;
        ulong? epoch = desk.Epoch;
        desk.HandleMessage(room, input, world.Time);
        while (desk.TryPollMessage(out _, out _))
        {
        }

        if (desk.Epoch != epoch || desk.TryPollStore(out _))
            throw new InvalidOperationException("A message that nobody signed began an epoch.");
    }, () => Seeds(Samples.FromClients.Select(message => message.Encode().ToArray())));

    /// <summary>A service that sends anything to one who comes in.</summary>
    public static FuzzTarget Member { get; } = new("meeting-member", input =>
    {
        World world = s_meeting.Value.World;
        using var member = new MeetingMember(People.Member(People.Named("room9"), world.Policy, 1) with { SpareKeyPackages = 0 });
        member.Join(world.Time);
        member.HandleConnected(world.Time);
        member.HandleMessage(input, world.Time);
        if (member.Epoch is not null)
            throw new InvalidOperationException("A message that nobody signed led into a group.");
    }, () => Seeds(Samples.FromService.Select(message => message.Encode().ToArray())));

    // The meeting comes about before anything is counted.
    private static IEnumerable<byte[]> Seeds(IEnumerable<byte[]> seeds)
    {
        _ = s_meeting.Value;
        return seeds;
    }

    // host0 and room1 are in; the desk is then driven by hand, as room1.
    private static (World World, ConnectionId Room) Gather()
    {
        var world = new World(1, People.Policy(strict: false, 1, People.Named("host0")));
        foreach (string name in new[] { "host0", "room1" })
        {
            world.Add(People.Named(name)).Join();
            if (!world.RunUntil(() => world[name].IsIn, TimeSpan.FromSeconds(20)))
                throw new InvalidOperationException("The meeting did not come about.");
        }

        world.Run(TimeSpan.FromSeconds(2));
        return (world, world["room1"].Connection!.Value);
    }

    private static void RequireSame(ReadOnlySpan<byte> input, ByteString? encoded)
    {
        if (encoded is { } bytes && !input.SequenceEqual(bytes.Span))
            throw new InvalidDataException("What was decoded encodes to other bytes.");
    }
}
