using System.Collections.Concurrent;
using RoomAgent.Hub.Meetings;

namespace RoomAgent.Hub.Tests;

/// <summary>A calendar of which tests say what is in it.</summary>
public sealed class TestDirectory : IMeetingDirectory
{
    public ConcurrentDictionary<MeetingInstance, ScheduledMeeting> Meetings { get; } = [];

    /// <summary>What answers wait for, whoever gives up meanwhile.</summary>
    public Task Gate { get; set; } = Task.CompletedTask;

    /// <summary>How often somebody asked.</summary>
    public int Asked { get; private set; }

    public async Task<ScheduledMeeting?> FindAsync(MeetingInstance instance, CancellationToken cancel)
    {
        Asked++;
        await Gate;
        return Meetings.GetValueOrDefault(instance);
    }
}
