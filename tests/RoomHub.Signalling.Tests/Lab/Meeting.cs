using System.Diagnostics;
using RoomAgent.Hub.Devices;
using RoomAgent.Hub.Identity;
using RoomAgent.Hub.Meetings;
using RoomAgent.Hub.Testing;
using RoomAgent.Meetings;
using Microsoft.Extensions.DependencyInjection;

namespace RoomAgent.Hub.Tests;

/// <summary>A hub with a calendar, an organisation, and meetings in it.</summary>
public static class Meeting
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    /// <summary>A hub whose calendar is ours.</summary>
    public static Task<RunningHub> HubAsync(TestDirectory directory, Func<Hosting.HubSettings, Hosting.HubSettings>? change = null, Action<IServiceCollection>? services = null) =>
        RunningHub.StartAsync(change: change, services: collection =>
        {
            collection.AddSingleton<IMeetingDirectory>(directory);
            services?.Invoke(collection);
        });

    /// <summary>Schedules a meeting that is open now.</summary>
    public static RoomPolicy Schedule(TestDirectory directory, OrganisationId organisation, RoomPolicy policy, params Room[] invited)
    {
        var name = new MeetingInstance(policy.Name.MeetingId, policy.Name.Instance);
        DateTimeOffset now = DateTimeOffset.UtcNow;
        directory.Meetings[name] = new ScheduledMeeting(organisation, policy, now.AddMinutes(-5), now.AddHours(1), invited.Select(room => room.Identity).ToHashSet());
        return policy;
    }

    public static MeetingInstance NameOf(RoomPolicy policy) => new(policy.Name.MeetingId, policy.Name.Instance);

    public static Task<Room> PairAsync(this RunningHub hub, OrganisationId organisation) => Room.PairAsync(hub.Get<Accounts>(), organisation, hub.EndPoint);

    /// <summary>Waits until something is so; tells what is instead when it does not come.</summary>
    public static async Task UntilAsync(Func<bool> isSo, Func<string> otherwise, TimeSpan? patience = null)
    {
        var watch = Stopwatch.StartNew();
        while (!isSo())
        {
            if (watch.Elapsed > (patience ?? Patience))
                Assert.Fail(otherwise());
            await Task.Delay(10);
        }
    }

    /// <summary>Waits until all are in the meeting and in the same epoch, with as many members as they are.</summary>
    public static Task AgreeAsync(IReadOnlyList<Room> rooms, TimeSpan? patience = null) => UntilAsync(
        () => rooms.All(room => room.IsIn)
            && rooms.Select(room => room.State).Distinct().Count() == 1
            && rooms.All(room => room.Look(member => member.Roster.Count()) == rooms.Count),
        () => string.Join("; ", rooms.Select(room => room.Look(member => $"{member.Phase} {member.LeftBecause} {member.LeftByRule?.Rule} epoch {member.Epoch} of {member.Roster.Count()} {room.Signalling.State} [{string.Join(',', room.Events.TakeLast(4))}] [{string.Join(',', room.MemberEvents.TakeLast(3))}]"))),
        patience);
}
