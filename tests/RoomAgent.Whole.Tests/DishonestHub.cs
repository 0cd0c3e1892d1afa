using System.Text;
using System.Text.Json.Nodes;
using RoomAgent.Agent.Ports;
using RoomAgent.Meetings;
using RoomAgent.Wire;

namespace RoomAgent.Whole.Tests;

/// <summary>A hub that is not honest towards one room: it says of its meetings something else than it should, and does as it likes with what passes between the room and the desk.</summary>
/// <param name="hub">The real one behind it.</param>
internal sealed class DishonestHub(IHubServices hub) : IHubServices
{
    /// <summary>What becomes of each policy in the calendar.</summary>
    public Func<RoomPolicy, RoomPolicy> Policy { get; init; } = policy => policy;

    /// <summary>The way of the room to the desk; its own when none is given.</summary>
    public DishonestWire? Wire { get; init; }

    public ISignalling OpenSignalling() => Wire is { } wire ? new DishonestSignalling(hub.OpenSignalling(), wire) : hub.OpenSignalling();

    public Task<DeviceCertificate?> CertifyAsync(IIdentityKey key, CancellationToken cancel) => hub.CertifyAsync(key, cancel);

    public Task<IReadOnlyList<ReadOnlyMemory<byte>>> ReadAuthoritiesAsync(CancellationToken cancel) => hub.ReadAuthoritiesAsync(cancel);

    public Task<ReadOnlyMemory<byte>?> EnterPersonalAsync(string address, CancellationToken cancel) => hub.EnterPersonalAsync(address, cancel);

    public async Task<CalendarAnswer> ReadCalendarAsync(string? tag, CancellationToken cancel)
    {
        CalendarAnswer answer = await hub.ReadCalendarAsync(tag, cancel);
        if (answer.Outcome != CalendarOutcome.New)
            return answer;

        JsonNode calendar = JsonNode.Parse(answer.Content.Span)!;
        foreach (JsonNode? entry in calendar["entries"]!.AsArray())
        {
            RoomPolicy policy = RoomPolicy.Decode(Convert.FromBase64String((string)entry!["policy"]!))!;
            entry["policy"] = Convert.ToBase64String(Policy(policy).Encode().Span);
        }

        return answer with { Content = Encoding.UTF8.GetBytes(calendar.ToJsonString()) };
    }

    /// <summary>The meetings are of authorities that nobody has heard of.</summary>
    public static RoomPolicy UnderOtherAnchors(RoomPolicy policy)
    {
        ByteString other = ByteString.Owning([.. Enumerable.Repeat((byte)7, Limits.Digest)]);
        return policy with { Anchors = [other], Hosts = [.. policy.Hosts.Select(host => host with { Anchor = other })] };
    }
}
