using System.Collections.Concurrent;
using RoomAgent.Hub.Meetings;

namespace RoomAgent.Hub.Tests;

/// <summary>A calendar of which tests say what is in it.</summary>
public sealed class TestDirectory : IMeetingDirectory
{
    public ConcurrentDictionary<MeetingInstance, ScheduledMeeting> Meetings { get; } = [];

    public Task<ScheduledMeeting?> FindAsync(MeetingInstance instance, CancellationToken cancel) => Task.FromResult(Meetings.GetValueOrDefault(instance));
}
