using System.Collections.Concurrent;
using System.Security.Claims;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http.Connections.Features;
using Microsoft.AspNetCore.SignalR;
using RoomAgent.Hub.Calendar;
using RoomAgent.Hub.Devices;
using RoomAgent.Hub.Identity;
using RoomAgent.Hub.Operations;
using RoomAgent.Hub.People;
using RoomAgent.Hub.Store;
using RoomAgent.Wire;

namespace RoomAgent.Hub.Meetings;

/// <summary>The connections of this hub: who they are, whether they still may, and how they are told things from any hub.</summary>
internal sealed class SignalConnections : IDeviceNotices, IAccessListener, ICalendarListener, IDrain, IDisposable
{
    private const string SignedOut = SessionStore.EndReason;
    private const string EndTopic = "signal-end";

    private readonly SignallingContext _context;
    private readonly IHubContext<SignalHub> _hub;
    private readonly Accounts _accounts;
    private readonly Database _database;
    private readonly Store.Presence _presence;
    private readonly HubName _name;
    private readonly ConcurrentDictionary<string, SignalConnection> _connections = [];
    private readonly Lock _adding = new();
    private readonly ITimer _rechecks;
    private int _isRechecking;
    private long _refused;

    public SignalConnections(SignallingContext context, IHubContext<SignalHub> hub, Accounts accounts, Database database, Store.Presence presence, HubName name)
    {
        _context = context;
        _hub = hub;
        _accounts = accounts;
        _database = database;
        _presence = presence;
        _name = name;
        database.Announced += Hear;
        database.AnnouncementsMissed += RecheckAll;

        // Those that say nothing are looked up too: who only listens hears as much.
        _rechecks = context.Clock.CreateTimer(_ => Recheck(isAnew: false), null, context.Settings.Recheck, context.Settings.Recheck);
    }

    /// <summary>All of them.</summary>
    public IEnumerable<SignalConnection> All => _connections.Values;

    /// <summary>How many there are.</summary>
    public int Count => _connections.Count;

    /// <summary>How many were refused because there was no room.</summary>
    public long Refused => Interlocked.Read(ref _refused);

    /// <summary>The connection of a call.</summary>
    public SignalConnection? Find(HubCallerContext caller) => _connections.GetValueOrDefault(caller.ConnectionId);

    /// <summary>The connection that a request beside it names, when whoever asks is the same.</summary>
    public SignalConnection? Find(ByteString id, string subject) => _connections.Values.FirstOrDefault(connection => connection.Id == id && connection.Who.Subject == subject);

    /// <summary>A client connected.</summary>
    public async Task AddAsync(HubCallerContext caller)
    {
        if (SubjectOf(caller.Features.Get<IHttpContextFeature>()?.HttpContext) is not { } who)
        {
            caller.Abort();
            return;
        }

        ByteString id = ByteString.Owning([.. _name.Value.Span, .. RandomNumberGenerator.GetBytes(HubName.Size)]);
        SignalConnection? connection = null;
        lock (_adding)
        {
            if (HasRoomFor(who))
                _connections[caller.ConnectionId] = connection = new SignalConnection(caller, new SignalClient(_hub.Clients.Client(caller.ConnectionId)), who, id, _context);
        }

        if (connection is null)
        {
            Interlocked.Increment(ref _refused);
            SignallingLog.NoRoom(_context.Log, who.Subject);
            caller.Abort();
            return;
        }

        SignalConnection[] own = [.. _connections.Values.Where(other => other.Who.Subject == who.Subject).OrderByDescending(other => other.Since)];
        foreach (SignalConnection old in own.Skip(_context.Settings.ConnectionsOfSubject))
            old.Abort();

        // Between authentication and now its access may have ended.
        connection.CheckedAt = new Instant(long.MinValue);
        if (await HasAccessAsync(connection))
            await NoteAsync(() => _presence.OpenedAsync(id, who.Subject, _context.Clock.GetUtcNow()));
    }

    /// <summary>A client is gone.</summary>
    public async Task RemoveAsync(HubCallerContext caller)
    {
        if (!_connections.TryRemove(caller.ConnectionId, out SignalConnection? connection))
            return;

        await connection.DisposeAsync();
        await NoteAsync(() => _presence.ClosedAsync(connection.Id));
    }

    /// <summary>Tells the database of all connections: after it took this hub for dead.</summary>
    public async Task NoteAllAsync()
    {
        foreach (SignalConnection connection in _connections.Values)
            await NoteAsync(() => _presence.OpenedAsync(connection.Id, connection.Who.Subject, _context.Clock.GetUtcNow()));
    }

    /// <summary>
    /// Whether the account, the session or the link still is what it was when it connected. Whoever ends an access tells all hubs; beside that it is looked up
    /// from time to time, so that an announcement that was lost is no access for ever, and that what runs out does.
    /// </summary>
    public async ValueTask<bool> HasAccessAsync(SignalConnection connection)
    {
        if (connection.IsEnded)
            return false;

        Instant now = _context.Now;
        if (now - connection.CheckedAt < _context.Settings.Recheck)
            return true;

        try
        {
            string? end = await EndOfAsync(connection);
            if (end is not null)
                connection.End(end);
            connection.CheckedAt = now;
            connection.WasUsed = false;
            return end is null;
        }
        catch (StoreException problem)
        {
            // While the database is away nothing can be accepted anyway.
            SignallingLog.NotRechecked(_context.Log, connection.Who.Subject, problem);
            return true;
        }
    }

    // Why it has no access any more; null while it has.
    private async Task<string?> EndOfAsync(SignalConnection connection)
    {
        if (connection.Who.Ground is { } ground)
            return await ground.IsGoodAsync(connection.WasUsed, CancellationToken.None) ? null : ground.Reason;
        if (connection.Who.Account is not { } before)
            return AccessEvents.Removed;

        MachineAccount? account = await _accounts.Store.FindAsync(before.Id);
        bool isSame = account is { IsActive: true } && account.Family == before.Family && account.Key.Equals(before.Key) && account.Organisation == before.Organisation;
        return isSame ? null : account?.EndedBy ?? AccessEvents.Removed;
    }

    /// <inheritdoc/>
    public async Task DrainAsync(CancellationToken cancel)
    {
        SignallingLog.Draining(_context.Log, _connections.Count);
        foreach (SignalConnection connection in _connections.Values)
            connection.SendElsewhere();

        // Those who do not go are cut off when there is no more time.
        while (!_connections.IsEmpty)
            await Task.Delay(TimeSpan.FromMilliseconds(50), _context.Clock, cancel);
    }

    /// <inheritdoc/>
    public Task CalendarChangedAsync(DeviceId device, CancellationToken cancel)
    {
        TellHere(IDeviceNotices.SubjectOf(device), DeviceNotice.CalendarChanged);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task CalendarsMayHaveChangedAsync(CancellationToken cancel)
    {
        // Reading once too often harms nobody.
        foreach (SignalConnection connection in _connections.Values)
            connection.Tell(DeviceNotice.CalendarChanged);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task EndAsync(string subject, string reason, CancellationToken cancel)
    {
        EndHere(subject, reason);
        return AnnounceAsync(subject, reason, cancel);
    }

    /// <inheritdoc/>
    public Task AccessEndedAsync(MachineAccount account, string reason) => EndAsync(IDeviceNotices.SubjectOf(account.Id), reason, CancellationToken.None);

    /// <summary>Who a request is of: <see langword="null"/> when neither a device nor a guest nor a person that could have a certificate.</summary>
    public static SignalSubject? SubjectOf(HttpContext? request)
    {
        if (request?.User is not { } user || OrganisationId.Read(user.FindFirstValue(HubClaims.Organisation)) is not { } organisation)
            return null;
        if (user.HasClaim(claim => claim.Type == HubClaims.Device))
        {
            return request.Features.Get<MachineAccount>() is { } account
                ? new SignalSubject(IDeviceNotices.SubjectOf(account.Id), organisation, SeatIdentity.OfDevice(account.DnsName), account, user.HasClaim(HubClaims.Scope, Scopes.Media))
                : null;
        }

        // Without one nobody could ever take the access back.
        bool isGuest = user.HasClaim(claim => claim.Type == HubClaims.GuestMeeting);
        if (request.Features.Get<AccessGround>() is not { } ground || ground.Topic != (isGuest ? GuestLinks.RevokedTopic : SessionStore.EndedTopic))
            return null;
        if (user.FindFirstValue(HubClaims.GuestMeeting) is { } meeting && user.FindFirstValue(HubClaims.GuestInstance) is { } instance && user.FindFirstValue(ClaimTypes.NameIdentifier) is { } guest)
        {
            return new SignalSubject($"guest:{guest}", organisation, SeatIdentity.OfGuest(guest), null, MayOffer: true)
            {
                Only = new MeetingInstance(ByteString.Owning(Base64UrlText.Decode(meeting)!), ByteString.Owning(Base64UrlText.Decode(instance)!)),
                Ground = ground,
            };
        }

        return user.FindFirstValue(ClaimTypes.NameIdentifier) is { Length: > 0 and <= 100 } person
            && user.FindFirstValue(ClaimTypes.Email) is { } mailbox && SeatIdentity.OfPerson(mailbox) is { IsEmpty: false } identity
            ? new SignalSubject(IDeviceNotices.SubjectOfPerson(person), organisation, identity, null, MayOffer: true) { Ground = ground }
            : null;
    }

    public void Dispose()
    {
        _database.Announced -= Hear;
        _database.AnnouncementsMissed -= RecheckAll;
        _rechecks.Dispose();
    }

    private bool HasRoomFor(SignalSubject who)
    {
        int all = _connections.Count;
        if (all >= _context.Settings.MostConnections || who.Only is null)
            return all < _context.Settings.MostConnections;

        SignalConnection[] guests = [.. _connections.Values.Where(connection => connection.Who.Only is not null)];
        return guests.Length < _context.Settings.MostConnections / 2 && guests.Count(guest => guest.Who.Ground!.Id == who.Ground!.Id) < _context.Settings.ConnectionsOfLink;
    }

    private Task AnnounceAsync(string subject, string reason, CancellationToken cancel) => _database.WriteAsync(
        transaction => transaction.AnnounceAsync(EndTopic, Encoding.UTF8.GetBytes($"{subject}\n{reason}"), cancel),
        Isolation.ReadCommitted,
        Durability.ProcessLoss,
        cancel);

    // Other hubs wrote it, so it is ours, but it is data all the same.
    private void Hear(Announcement announcement)
    {
        if (announcement is { Topic: PeopleStore.SessionsEndedTopic, Content.Length: 16 })
            EndHere(IDeviceNotices.SubjectOfPerson(PersonId.Of(announcement.Content).ToString()), SignedOut);
        if (announcement.Content.Length == 16)
            EndGround(announcement.Topic, new Guid(announcement.Content, bigEndian: true));
        if (announcement.Topic == EndTopic && Encoding.UTF8.GetString(announcement.Content).Split('\n') is [var subject, var reason])
            EndHere(subject, reason);
    }

    private void TellHere(string subject, DeviceNotice notice)
    {
        foreach (SignalConnection connection in _connections.Values.Where(connection => connection.Who.Subject == subject))
            connection.Tell(notice);
    }

    private void EndHere(string subject, string reason)
    {
        foreach (SignalConnection connection in _connections.Values.Where(connection => connection.Who.Subject == subject))
            connection.End(reason);
    }

    private void EndGround(string topic, Guid id)
    {
        foreach (SignalConnection connection in _connections.Values)
        {
            if (connection.Who.Ground is { } ground && ground.Topic == topic && ground.Id == id)
                connection.End(ground.Reason);
        }
    }

    private void RecheckAll() => Recheck(isAnew: true);

    // One round at a time, unless everything is to be looked up anew.
    private void Recheck(bool isAnew)
    {
        if (isAnew || Interlocked.Exchange(ref _isRechecking, 1) == 0)
            _ = Task.Run(() => RecheckAsync(isAnew));
    }

    private async Task RecheckAsync(bool isAnew)
    {
        try
        {
            foreach (SignalConnection connection in _connections.Values)
            {
                if (isAnew)
                    connection.CheckedAt = new Instant(long.MinValue);
                await HasAccessAsync(connection);
            }
        }
        catch (ObjectDisposedException)
        {
            // The hub ends, and all connections with it.
        }
        finally
        {
            if (!isAnew)
                Volatile.Write(ref _isRechecking, 0);
        }
    }

    // Who is connected is for people to see; nothing depends on it.
    private async Task NoteAsync(Func<Task> note)
    {
        try
        {
            await note();
        }
        catch (Exception problem) when (problem is StoreException or ObjectDisposedException or InvalidOperationException)
        {
            SignallingLog.NoPulse(_context.Log, problem.Message);
        }
    }
}
