using RoomAgent.Hub.Identity;
using RoomAgent.Hub.Store;
using RoomAgent.Wire;

namespace RoomAgent.Hub.Meetings;

/// <summary>The desks of this hub, and the way to those of others.</summary>
internal sealed class MeetingDesks(SignallingContext context, IMeetingDirectory directory, HubLinks links, Store.Presence presence) : IMeetingDesks, IAsyncDisposable
{
    private const int Attempts = 4;

    // The beat of a hub that lives is seen to stand still for one look at the most.
    private static readonly TimeSpan s_silence = 2 * Store.Presence.Beat;

    // At the stop; leases end by themselves.
    private static readonly TimeSpan s_patienceWithLegs = TimeSpan.FromSeconds(3);

    private readonly Lock _lock = new();
    private readonly Dictionary<MeetingInstance, DeskHost> _hosts = [];
    private readonly HashSet<DeskHost> _ending = [];
    private bool _closed;

    /// <summary>How many desks are open here.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
                return _hosts.Count;
        }
    }

    /// <summary>Brings a client to the desk of a meeting, wherever it is.</summary>
    /// <param name="instance">The meeting; anything.</param>
    /// <param name="organisation">Whose the client is.</param>
    /// <param name="identity">Who it is.</param>
    /// <param name="owner">Where the desk's messages go.</param>
    /// <param name="cancel">Gives up.</param>
    public async Task<(EnterOutcome Outcome, ISeat? Seat)> EnterAsync(MeetingInstance instance, OrganisationId organisation, ByteString identity, ISeatOwner owner, CancellationToken cancel)
    {
        ScheduledMeeting? meeting = await directory.FindAsync(instance, cancel);
        if (meeting is null || !MayKnow(meeting, organisation, identity))
            return (EnterOutcome.Unknown, null);
        if (context.Clock.GetUtcNow() < meeting.OpensAt)
            return (EnterOutcome.TooEarly, null);

        for (int attempt = 0; attempt < Attempts; attempt++)
        {
            if (await context.Homes.FindAsync(instance, cancel) is not { } home)
                break;
            if (home.IsHere)
            {
                (EnterOutcome Outcome, ISeat? Seat) entered = await EnterHereAsync(instance, meeting, identity, owner);
                if (entered.Outcome != EnterOutcome.Busy)
                    return entered;
                continue;
            }

            if (await links.OpenAsync(home, cancel) is { } link)
            {
                (EnterOutcome Outcome, ISeat? Seat) entered = await link.EnterAsync(instance, identity, owner, cancel);
                if (entered.Outcome != EnterOutcome.Busy)
                    return entered;
                continue;
            }

            // A stranger can keep a hub from being reached; that must not tear its meetings out of it.
            if (!links.IsLost(home.Hub) && presence.SilenceOf(home.Hub) < s_silence)
                break;
            SignallingLog.TakenOver(context.Log, Convert.ToHexStringLower(instance.Instance.Span), home.Hub);
            await context.Homes.TakeOverAsync(instance, home, cancel);
        }

        return (EnterOutcome.Busy, null);
    }

    /// <summary>Brings a client of another hub to a desk that is here; it was seen there that it may.</summary>
    public async Task<(EnterOutcome Outcome, ISeat? Seat)> EnterFromAfarAsync(MeetingInstance instance, ByteString identity, ISeatOwner owner, CancellationToken cancel)
    {
        if (Find(instance) is null && await context.Homes.FindAsync(instance, cancel) is not { IsHere: true })
            return (EnterOutcome.Busy, null);

        return await directory.FindAsync(instance, cancel) is { } meeting ? await EnterHereAsync(instance, meeting, identity, owner) : (EnterOutcome.Unknown, null);
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<OpenOccurrence>> ListAsync(OrganisationId organisation, CancellationToken cancel)
    {
        List<OpenOccurrence> all = await ListHereAsync(organisation);
        foreach (MeetingHome home in await context.Homes.OthersAsync(cancel))
        {
            if (await links.OpenAsync(home, cancel) is { } link)
                all.AddRange(await link.ListAsync(organisation, cancel));
        }

        return all;
    }

    /// <summary>Those that are served here.</summary>
    public async Task<List<OpenOccurrence>> ListHereAsync(OrganisationId organisation)
    {
        DeskHost[] hosts;
        lock (_lock)
            hosts = [.. _hosts.Values];

        var open = new List<OpenOccurrence>();
        foreach (DeskHost host in hosts.Where(host => host.Organisation == organisation))
        {
            if (await host.DescribeAsync() is { } described)
                open.Add(described);
        }

        return open;
    }

    /// <inheritdoc/>
    public Task<bool> AdmitAsync(OrganisationId organisation, MeetingInstance instance, ByteString identity, CancellationToken cancel) =>
        DoAsync(new ServiceDeed(IsAdmit: true, organisation, instance, identity), cancel);

    /// <inheritdoc/>
    public Task<bool> RemoveAsync(OrganisationId organisation, MeetingInstance instance, ByteString identity, CancellationToken cancel) =>
        DoAsync(new ServiceDeed(IsAdmit: false, organisation, instance, identity), cancel);

    /// <summary>Does at a desk of this hub what a page wants.</summary>
    public async Task<bool> DoHereAsync(ServiceDeed deed)
    {
        if (Find(deed.Instance) is not { } host || host.Organisation != deed.Organisation)
            return false;

        return deed.IsAdmit ? await host.AdmitAsync(deed.Identity) : await host.RemoveAsync(deed.Identity);
    }

    /// <summary>Closes the desks whose home is elsewhere by now.</summary>
    public async Task StepDownAsync(CancellationToken cancel)
    {
        Instant before = context.Now;
        if (await context.Homes.ListAsync(cancel) is not { } ours)
            return;

        lock (_lock)
        {
            foreach ((MeetingInstance instance, DeskHost host) in _hosts.Where(entry => !ours.Contains(entry.Key)))
            {
                // Of one that was opened since, we know nothing.
                if (host.OpenedAt < before)
                {
                    SignallingLog.DeskSuperseded(context.Log, host.Name);
                    host.StepDown();
                }
            }
        }
    }

    /// <summary>Whether this hub serves a meeting at the moment.</summary>
    public bool IsOpen(MeetingInstance instance) => Find(instance) is not null;

    /// <summary>Closes all desks. Everybody is to enter again, elsewhere.</summary>
    public async ValueTask DisposeAsync()
    {
        DeskHost[] hosts;
        lock (_lock)
        {
            _closed = true;
            hosts = [.. _hosts.Values, .. _ending];
        }

        foreach (DeskHost host in hosts)
            host.StepDown();
        await Task.WhenAll(hosts.Select(host => host.Closed));
        try
        {
            await Task.WhenAll(hosts.Select(host => host.Ended)).WaitAsync(s_patienceWithLegs, context.Clock);
        }
        catch (TimeoutException)
        {
            SignallingLog.LegsLeft(context.Log);
        }
    }

    // Whose organisation it is, who is invited, and its hosts. All others are told the same as of a meeting that does not exist.
    private static bool MayKnow(ScheduledMeeting meeting, OrganisationId organisation, ByteString identity) =>
        meeting.Organisation == organisation
        || meeting.Invited.Contains(identity)
        || meeting.Policy.Hosts.Any(host => SeatIdentity.Of(host.Name) == identity);

    private async Task<(EnterOutcome Outcome, ISeat? Seat)> EnterHereAsync(MeetingInstance instance, ScheduledMeeting meeting, ByteString identity, ISeatOwner owner)
    {
        try
        {
            return Open(instance, meeting) is { } host ? await host.EnterAsync(identity, meeting.Invited.Contains(identity), owner) : (EnterOutcome.Busy, null);
        }
        catch (ArgumentException problem)
        {
            SignallingLog.BadMeeting(context.Log, Convert.ToHexStringLower(instance.Instance.Span), meeting.Organisation, problem);
            return (EnterOutcome.Unknown, null);
        }
    }

    private async Task<bool> DoAsync(ServiceDeed deed, CancellationToken cancel)
    {
        if (await DoHereAsync(deed))
            return true;
        if (await context.Homes.SeekAsync(deed.Instance, cancel) is not { IsHere: false } home || await links.OpenAsync(home, cancel) is not { } link)
            return false;

        return await link.DoAsync(deed, cancel);
    }

    private DeskHost? Find(MeetingInstance instance)
    {
        lock (_lock)
            return _hosts.GetValueOrDefault(instance);
    }

    private DeskHost? Open(MeetingInstance instance, ScheduledMeeting meeting)
    {
        lock (_lock)
        {
            if (_closed)
                return null;
            if (_hosts.TryGetValue(instance, out DeskHost? open))
                return open;

            var host = new DeskHost(instance, meeting, context);
            _hosts.Add(instance, host);
            _ = ForgetAsync(instance, host);
            return host;
        }
    }

    private async Task ForgetAsync(MeetingInstance instance, DeskHost host)
    {
        await host.Closed;
        lock (_lock)
        {
            _hosts.Remove(instance);
            _ending.Add(host);
        }

        _ = ForgetEndedAsync(host);
        try
        {
            // Somebody may have opened it again; then it stays ours.
            if (!host.IsSuperseded && Find(instance) is null)
                await context.Homes.FreeAsync(instance, CancellationToken.None);
        }
        catch (Exception problem) when (problem is StoreException or ObjectDisposedException)
        {
            // A home without a desk is opened by whoever comes.
            SignallingLog.StoreFailed(context.Log, host.Name, problem.Message);
        }
    }

    private async Task ForgetEndedAsync(DeskHost host)
    {
        await host.Ended;
        lock (_lock)
            _ending.Remove(host);
    }
}

/// <summary>What a page of the hub does to somebody at a desk.</summary>
internal sealed record ServiceDeed(bool IsAdmit, OrganisationId Organisation, MeetingInstance Instance, ByteString Identity);
