using System.Security.Cryptography;
using RoomAgent.Hub.Calendar.Files;

namespace RoomAgent.Hub.Calendar;

/// <summary>What is done regularly, by one hub of all: calendars are polled, occurrences made and forgotten.</summary>
internal sealed class CalendarWork(FeedStore feeds, PlanStore plans, Importer importer, FeedClient client, TimeProvider clock, ILogger<CalendarWork> log) : BackgroundService
{
    private const string Lease = "calendar";
    private const int MostAtOnce = 20;

    private static readonly TimeSpan s_step = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan s_rollEvery = TimeSpan.FromHours(1);

    // Longer than one calendar may take, since the lease is renewed before each.
    private static readonly TimeSpan s_lease = TimeSpan.FromMinutes(2);

    private readonly byte[] _hub = RandomNumberGenerator.GetBytes(16);
    private DateTimeOffset _rolledAt = DateTimeOffset.MinValue;

    /// <summary>Does what is due, unless another hub does it.</summary>
    /// <returns>Whether this hub is the one.</returns>
    public async Task<bool> StepAsync(CancellationToken cancel)
    {
        DateTimeOffset now = clock.GetUtcNow();
        if (!await feeds.LeaseAsync(Lease, _hub, now, s_lease, cancel))
            return false;

        if (now - _rolledAt >= s_rollEvery)
        {
            _rolledAt = now;
            await RollAsync(now, cancel);
        }

        foreach (Feed feed in await feeds.DueAsync(now, MostAtOnce, cancel))
        {
            if (!await feeds.LeaseAsync(Lease, _hub, clock.GetUtcNow(), s_lease, cancel))
                return false;
            await PollOneAsync(feed, cancel);
        }

        return true;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(s_step, clock);
        do
        {
            try
            {
                await StepAsync(stoppingToken);
            }
            catch (Exception problem) when (!stoppingToken.IsCancellationRequested)
            {
                CalendarLog.WorkFailed(log, problem);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private async Task RollAsync(DateTimeOffset now, CancellationToken cancel)
    {
        try
        {
            foreach (Guid meeting in await plans.RollAsync(now, cancel))
                CalendarLog.NotRolled(log, meeting);
        }
        catch (Exception problem) when (!cancel.IsCancellationRequested)
        {
            // Occurrences are made days before they are seen, so the next hour is early enough; calendars do not wait for it.
            CalendarLog.RollFailed(log, problem);
        }
    }

    // What nobody expected of one calendar is a failure of that one, which is then asked less often; the others are not held up.
    private async Task PollOneAsync(Feed feed, CancellationToken cancel)
    {
        try
        {
            await PollAsync(feed, cancel);
        }
        catch (Exception problem) when (!cancel.IsCancellationRequested)
        {
            CalendarLog.FeedBroken(log, feed.Id, problem);
            await FailAsync(feed, FeedFaults.Broken, line: null, cancel);
        }
    }

    private async Task PollAsync(Feed feed, CancellationToken cancel)
    {
        // 1. The file, unless it is as it was.
        FeedAnswer answer = FeedClient.ReadAddress(feed.Address) is { } address
            ? await client.FetchAsync(address, feed.Entity, feed.Modified, cancel)
            : new FeedAnswer(FeedFaults.Refused, null, null, null);
        if (answer.Fault is not null)
        {
            await FailAsync(feed, answer.Fault, line: null, cancel);
            return;
        }

        if (answer.File is null)
        {
            await feeds.NoteAsync(feed, feed.Fault == FeedFaults.LeftOut ? feed.Fault : null, feed.Fault == FeedFaults.LeftOut ? feed.FaultLine : null, feed.Entity, feed.Modified, clock.GetUtcNow(), cancel);
            return;
        }

        // 2. What is in it.
        DateTimeOffset now = clock.GetUtcNow();
        if (CalendarFile.Read(answer.File, feed.Zone, now.Year, out FileProblem? problem) is not { } file || file.IsCancellation)
        {
            await FailAsync(feed, FeedFaults.NotACalendar, problem?.Line, cancel);
            return;
        }

        // 3. What differs from what is there.
        if (await importer.ImportAsync(file, new ImportOrder(feed.Organisation, feed.Id.ToByteArray(bigEndian: true), feed.Class, feed.Room), actor: null, now, cancel) is not { } outcome)
        {
            await FailAsync(feed, FeedFaults.TooMuch, line: null, cancel);
            return;
        }

        if (outcome.Added + outcome.Changed + outcome.Removed > 0)
            CalendarLog.FeedTaken(log, feed.Id, outcome.Added, outcome.Changed, outcome.Removed);
        bool isPartial = file.LeftOutCount > 0;
        await feeds.NoteAsync(feed, isPartial ? FeedFaults.LeftOut : null, isPartial ? file.LeftOut[0].Line : null, answer.Entity, answer.Modified, now, cancel);
    }

    // What was taken over before stays.
    private Task FailAsync(Feed feed, string fault, int? line, CancellationToken cancel)
    {
        CalendarLog.FeedFailed(log, feed.Id, fault);
        return feeds.NoteAsync(feed, fault, line, feed.Entity, feed.Modified, clock.GetUtcNow(), cancel);
    }
}
