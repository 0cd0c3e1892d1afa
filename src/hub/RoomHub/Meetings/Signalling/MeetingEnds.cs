using RoomAgent.Hub.Store;
using RoomAgent.Wire;

namespace RoomAgent.Hub.Meetings;

/// <summary>Deletes the logs of meetings that are over: a day after their scheduled end, or called off, and nobody is in them any more. Hubs may do it side by side.</summary>
internal sealed class MeetingEnds(Database database, MeetingStore store, IMeetingDirectory directory, MeetingDesks desks, TimeProvider clock, ILogger<MeetingEnds> log) : BackgroundService
{
    private const int MostAtOnce = 200;

    /// <summary>How long after its scheduled end a meeting that is empty may be gone on with.</summary>
    public static readonly TimeSpan Overtime = TimeSpan.FromDays(1);

    // So long nobody can append to it by a token or a clock of before.
    private static readonly TimeSpan s_remembered = TimeSpan.FromDays(90);
    private static readonly TimeSpan s_step = TimeSpan.FromHours(1);

    /// <summary>Looks at all meetings that have a log.</summary>
    /// <returns>How many were over.</returns>
    public async Task<int> StepAsync(CancellationToken cancel)
    {
        int ended = 0;
        DateTimeOffset now = clock.GetUtcNow();
        var last = new MeetingInstance(ByteString.Empty, ByteString.Empty);
        while (await ReadAsync(last, cancel) is [.., var next] page)
        {
            foreach (MeetingInstance instance in page.Where(instance => !desks.IsOpen(instance)))
            {
                if (await directory.FindAsync(instance, cancel) is { } scheduled && scheduled.EndsAt + Overtime > now)
                    continue;

                await store.EndAsync(instance, now, cancel);
                ended++;
            }

            last = next;
        }

        await store.ForgetAsync(now - s_remembered, cancel);
        return ended;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(s_step, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await StepAsync(stoppingToken);
            }
            catch (Exception problem) when (!stoppingToken.IsCancellationRequested)
            {
                SignallingLog.NotEnded(log, problem.Message);
            }
        }
    }

    // Those that another hub serves are not over, whatever the calendar says.
    private Task<List<MeetingInstance>> ReadAsync(MeetingInstance after, CancellationToken cancel) => database.ReadAsync(
        transaction => transaction.AllAsync(
            $"""
            SELECT m.meeting_id, m.instance FROM meeting m
            WHERE m.over_at IS NULL AND (m.meeting_id > {after.MeetingId} OR (m.meeting_id = {after.MeetingId} AND m.instance > {after.Instance}))
                AND NOT EXISTS (SELECT 1 FROM meeting_home h WHERE h.meeting_id = m.meeting_id AND h.instance = m.instance)
            ORDER BY m.meeting_id, m.instance LIMIT {MostAtOnce}
            """,
            row => new MeetingInstance(row.ByteString(0), row.ByteString(1)),
            cancel),
        cancel);
}
