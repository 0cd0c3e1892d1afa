using System.Security.Cryptography;
using RoomAgent.Hub.Devices;
using RoomAgent.Hub.Identity;
using RoomAgent.Hub.Meetings;
using RoomAgent.Hub.Store;
using RoomAgent.Identity;
using RoomAgent.Meetings;
using RoomAgent.Mls;
using RoomAgent.Wire;

namespace RoomAgent.Hub.Calendar;

/// <summary>An occurrence as somebody is invited to it.</summary>
/// <param name="Key">See <see cref="PlannedOccurrence"/>.</param>
/// <param name="Plan">The meeting.</param>
/// <param name="Title">What this occurrence is called.</param>
/// <param name="StartsAt">When it starts; for a personal room, when the present occurrence was made.</param>
/// <param name="Scheduled">What whoever serves it needs to know.</param>
internal sealed record InvitedOccurrence(long Key, MeetingPlan Plan, string Title, DateTimeOffset StartsAt, ScheduledMeeting Scheduled)
{
    /// <summary>The other service at which it takes place; <see langword="null"/> when that is here.</summary>
    public string? Elsewhere { get; init; }
}

/// <summary>Answers what an occurrence is: its policy, and who may enter. Everybody who asks gets the same answer, as far as nobody changes the meeting in between.</summary>
internal sealed class MeetingDirectory(Database database, Accounts accounts) : IMeetingDirectory
{
    /// <summary>How long before its start a meeting may be joined.</summary>
    public static readonly TimeSpan OpensBefore = TimeSpan.FromMinutes(15);

    /// <summary>What a device has of its calendar: the coming days.</summary>
    public static readonly TimeSpan DeviceDays = TimeSpan.FromDays(7);

    /// <summary>The most entries of a device's calendar.</summary>
    public const int MostEntries = 300;

    // Of an organisation, for one person.
    private const int MostLookedAt = 2_000;

    /// <summary>How long an occurrence of a personal room lasts: after that whoever comes gets a fresh one, unless it has begun and is not over, since whoever is still in it and whoever comes are to meet.</summary>
    public static readonly TimeSpan PersonalLife = TimeSpan.FromHours(24);

    private const int IdSize = 16;

    /// <inheritdoc/>
    public Task<ScheduledMeeting?> FindAsync(MeetingInstance instance, CancellationToken cancel)
    {
        if (instance.MeetingId.Length != IdSize || instance.Instance.Length != Limits.Instance)
            return Task.FromResult<ScheduledMeeting?>(null);

        return database.ReadAsync(
            async transaction =>
            {
                InvitedOccurrence? found = await transaction.FirstAsync(
                    $"SELECT organisation, body, original, starts_at, ends_at, meeting, instance FROM calendar_occurrence JOIN calendar_meeting USING (meeting) WHERE meeting = {instance.MeetingId} AND instance = {instance.Instance}",
                    ReadFound,
                    cancel) is { } row
                    ? await InviteAsync(transaction, row, cancel)
                    : await FindPersonalAsync(transaction, instance, cancel);
                return found?.Scheduled;
            },
            cancel);
    }

    /// <summary>What a room has from now on, by start; what runs now included.</summary>
    public async Task<List<InvitedOccurrence>> OfRoomAsync(Transaction transaction, Guid room, DateTimeOffset from, DateTimeOffset to, int most, CancellationToken cancel)
    {
        List<Found> rows = await transaction.AllAsync(
            $"""
            SELECT m.organisation, m.body, o.original, o.starts_at, o.ends_at, o.meeting, o.instance FROM calendar_place p
            JOIN calendar_occurrence o ON o.meeting = p.meeting AND o.original = p.original JOIN calendar_meeting m ON m.meeting = o.meeting
            WHERE p.room = {room.ToByteArray(bigEndian: true)} AND p.ends_at > {from} AND o.starts_at < {to} ORDER BY p.ends_at, o.meeting, o.original LIMIT {most}
            """,
            ReadFound,
            cancel);
        var invited = new List<InvitedOccurrence>(rows.Count);
        var known = new Cache();
        foreach (Found row in rows)
            invited.Add(await InviteAsync(transaction, row, cancel, known));
        return [.. invited.OrderBy(occurrence => occurrence.StartsAt)];
    }

    /// <summary>What a person is invited to from now on, by start; what runs now included. Of the organisation's occurrences only the first ones are looked at: it is for joining, not for planning.</summary>
    public async Task<List<InvitedOccurrence>> OfPersonAsync(Transaction transaction, OrganisationId organisation, string mailbox, DateTimeOffset from, DateTimeOffset to, CancellationToken cancel)
    {
        List<Found> rows = await transaction.AllAsync(
            $"""
            SELECT m.organisation, m.body, o.original, o.starts_at, o.ends_at, o.meeting, o.instance FROM calendar_occurrence o JOIN calendar_meeting m ON m.meeting = o.meeting
            WHERE o.ends_at > {from} AND o.starts_at < {to} AND m.organisation = {organisation.ToBytes()} ORDER BY o.starts_at, o.meeting, o.original LIMIT {MostLookedAt}
            """,
            ReadFound,
            cancel);
        var invited = new List<InvitedOccurrence>();
        var known = new Cache();
        foreach (Found row in rows.Where(row => row.Plan.People.Contains(mailbox) || row.Plan.HostPeople.Contains(mailbox)).Take(MostEntries))
            invited.Add(await InviteAsync(transaction, row, cancel, known));
        return invited;
    }

    /// <summary>The occurrence of a meeting that somebody who comes now means: the one that may be joined, else the next one.</summary>
    public async Task<InvitedOccurrence?> NextAsync(Transaction transaction, Guid meeting, DateTimeOffset now, CancellationToken cancel)
    {
        Found? row = await transaction.FirstAsync(
            $"""
            SELECT m.organisation, m.body, o.original, o.starts_at, o.ends_at, o.meeting, o.instance FROM calendar_occurrence o JOIN calendar_meeting m ON m.meeting = o.meeting
            WHERE o.meeting = {meeting.ToByteArray(bigEndian: true)} AND o.ends_at > {now} ORDER BY o.starts_at LIMIT 1
            """,
            ReadFound,
            cancel);
        return row is null ? null : await InviteAsync(transaction, row, cancel);
    }

    /// <summary>The present occurrence of a personal room of an organisation; a fresh one when there is none, or the last one is over.</summary>
    public Task<InvitedOccurrence?> EnterPersonalAsync(OrganisationId organisation, string address, DateTimeOffset now, CancellationToken cancel) => database.WriteAsync(
        async transaction =>
        {
            if (await RoomStore.AtAsync(transaction, address, cancel) is not { } room || room.Organisation != organisation)
                return null;

            byte[] id = room.Id.ToByteArray(bigEndian: true);
            (byte[]? instance, DateTimeOffset? madeAt) = await transaction.FirstAsync($"SELECT instance, instance_at FROM room WHERE room = {id}", row => (row.BytesOrNull(0), row.TimeOrNull(1)), cancel);
            bool? hasEnded = instance is null
                ? null
                : await transaction.FirstAsync($"SELECT over_at FROM meeting WHERE meeting_id = {id} AND instance = {instance}", row => (bool?)(row.TimeOrNull(0) is not null), cancel);
            if (instance is null || (hasEnded ?? now >= madeAt + PersonalLife))
            {
                (instance, madeAt) = (RandomNumberGenerator.GetBytes(Limits.Instance), now);
                await transaction.ExecuteAsync($"UPDATE room SET instance = {instance}, instance_at = {now} WHERE room = {id}", cancel);
            }

            return await PersonalAsync(transaction, room, ByteString.Owning(instance), madeAt!.Value, cancel);
        },
        cancel: cancel);

    private async Task<InvitedOccurrence?> FindPersonalAsync(Transaction transaction, MeetingInstance instance, CancellationToken cancel)
    {
        DateTimeOffset? madeAt = null;
        OrganisationId? organisation = null;
        await transaction.FirstAsync(
            $"SELECT organisation, instance_at FROM room WHERE room = {instance.MeetingId} AND instance = {instance.Instance} AND address IS NOT NULL",
            row =>
            {
                (organisation, madeAt) = (OrganisationId.Of(row.Bytes(0)), row.Time(1));
                return true;
            },
            cancel);
        if (organisation is not { } owner)
            return null;

        Room room = (await RoomStore.FindAsync(transaction, owner, new Guid(instance.MeetingId.Span, bigEndian: true), cancel))!;
        return await PersonalAsync(transaction, room, instance.Instance, madeAt!.Value, cancel);
    }

    // Its owner lets people in, or what stands in the room while the owner has no account; that may come as well.
    private Task<InvitedOccurrence> PersonalAsync(Transaction transaction, Room room, ByteString instance, DateTimeOffset madeAt, CancellationToken cancel)
    {
        var plan = new MeetingPlan
        {
            Title = room.Name,
            Organiser = room.Owner,
            Zone = room.Zone,
            Start = Zones.ToLocal(madeAt, room.Zone),
            DurationSeconds = (long)PersonalLife.TotalSeconds,
            Rooms = [room.Id],
            People = [room.Owner!],
            HostPeople = [room.Owner!],
            MustWaitForHost = true,
        };
        var row = new Found(room.Organisation, plan, Occurrences.Only, madeAt, madeAt + PersonalLife, ByteString.Owning(room.Id.ToByteArray(bigEndian: true)), instance);
        return InviteAsync(transaction, row, cancel);
    }

    private async Task<InvitedOccurrence> InviteAsync(Transaction transaction, Found found, CancellationToken cancel, Cache? cache = null)
    {
        cache ??= new Cache();
        MeetingPlan plan = found.Plan;
        PlannedChange? change = Occurrences.OriginalOf(found.Key) is { } original ? plan.ChangeOf(original) : null;

        // 1. Who is invited: what stands in the rooms, and people by mailbox.
        var rooms = new List<CertifiedName>();
        foreach (Guid room in change?.Rooms ?? plan.Rooms)
        {
            if (await DeviceOfAsync(transaction, found.Organisation, room, cache, cancel) is { } name)
                rooms.Add(name);
        }

        List<string> people = await WithAccountAsync(transaction, found.Organisation, plan.People, cache, cancel);

        // 2. Who is host: those who are named; else the organiser or the first of the people; for want of people the first room.
        ByteString root = await RootAsync(transaction, found.Organisation, cache, cancel);
        List<CertifiedName> hosts = [.. (await WithAccountAsync(transaction, found.Organisation, plan.HostPeople, cache, cancel)).Select(Mailbox.NameOf)];
        foreach (Guid room in plan.HostRooms)
        {
            if (await DeviceOfAsync(transaction, found.Organisation, room, cache, cancel) is { } name)
                hosts.Add(name);
        }

        if (hosts.Count == 0 && people.Count > 0)
            hosts.Add(Mailbox.NameOf(plan.Organiser is { } organiser && people.Contains(organiser) ? organiser : people[0]));
        if (hosts.Count == 0)
            hosts.AddRange(rooms.Take(1));

        var policy = new RoomPolicy
        {
            Name = new GroupName(found.Meeting, found.Instance, Generation: 0),
            Class = plan.Class,
            IsStrict = plan.IsStrict,
            IsLocked = plan.IsLocked,
            Hosts = [.. hosts.Distinct().Take(Limits.Hosts).Select(host => new MeetingHost(ParticipantName.Of(host), root))],
            Anchors = cache.Anchors!,
        };
        HashSet<ByteString> invited = [.. rooms.Concat(people.Select(Mailbox.NameOf)).Concat(hosts).Select(name => name.Identity)];
        var scheduled = new ScheduledMeeting(found.Organisation, policy, found.StartsAt - OpensBefore, found.EndsAt, invited) { WaitsForHost = plan.MustWaitForHost || plan.IsStrict };
        return new InvitedOccurrence(found.Key, plan, change?.Title ?? plan.Title, found.StartsAt, scheduled)
        {
            Elsewhere = (change?.Elsewhere ?? plan.Elsewhere) is { Length: > 0 } service ? service : null,
        };
    }

    // A mailbox is a name in a certificate that all organisations of the hub take, and nobody asks its owner. Whose account it is here says who that is: it is one account's on the whole hub, so in another
    // organisation somebody with an account there is nobody, and no other organisation can make an account of a mailbox that means somebody here.
    private static async Task<List<string>> WithAccountAsync(Transaction transaction, OrganisationId organisation, IReadOnlyList<string> mailboxes, Cache cache, CancellationToken cancel)
    {
        var known = new List<string>(mailboxes.Count);
        foreach (string mailbox in mailboxes)
        {
            if (!cache.People.TryGetValue(mailbox, out bool isKnown))
            {
                isKnown = await transaction.FirstAsync(
                    $"SELECT COUNT(*) FROM person WHERE mailbox = {mailbox} AND organisation = {organisation.ToBytes()} AND disabled_at IS NULL",
                    row => row.Long(0),
                    cancel) > 0;
                cache.People.Add(mailbox, isKnown);
            }

            if (isKnown)
                known.Add(mailbox);
        }

        return known;
    }

    // What its device is called in certificates: nothing when there is no device with access in it.
    private static async Task<CertifiedName?> DeviceOfAsync(Transaction transaction, OrganisationId organisation, Guid room, Cache cache, CancellationToken cancel)
    {
        if (!cache.Devices.TryGetValue(room, out string? name))
        {
            name = await transaction.FirstAsync(
                $"SELECT dns_name FROM room JOIN machine_account USING (device) WHERE room = {room.ToByteArray(bigEndian: true)} AND room.organisation = {organisation.ToBytes()} AND ended_at IS NULL",
                row => row.Text(0),
                cancel);
            cache.Devices.Add(room, name);
        }

        return name is null ? null : new CertifiedName(NameKind.Dns, Private.Of(name));
    }

    // The internal authority comes first; the organisation's own ones follow in one order.
    private async Task<ByteString> RootAsync(Transaction transaction, OrganisationId organisation, Cache cache, CancellationToken cancel)
    {
        if (cache.Anchors is null)
        {
            if (TrustAnchor.Read(accounts.Authority.Root, "", AnchorOrigin.Service, out TrustAnchor? own) is not null)
                throw new InvalidOperationException("The root of the internal authority is no anchor.");
            List<ByteString> others = await transaction.AllAsync(
                $"SELECT key_hash FROM organisation_anchor WHERE organisation = {organisation.ToBytes()} ORDER BY key_hash LIMIT {AnchorStore.MostAnchors}",
                row => row.ByteString(0),
                cancel);
            cache.Anchors = [own!.KeyHash, .. others.Where(other => other != own.KeyHash)];
        }

        return cache.Anchors[0];
    }

    private static Found ReadFound(Row row) =>
        new(OrganisationId.Of(row.Bytes(0)), MeetingPlan.Of(row.Text(1)), row.Long(2), row.Time(3), row.Time(4), row.ByteString(5), row.ByteString(6));

    private sealed record Found(OrganisationId Organisation, MeetingPlan Plan, long Key, DateTimeOffset StartsAt, DateTimeOffset EndsAt, ByteString Meeting, ByteString Instance);

    /// <summary>What was looked up in one transaction, of one organisation.</summary>
    private sealed class Cache
    {
        public Dictionary<Guid, string?> Devices { get; } = [];

        public Dictionary<string, bool> People { get; } = new(StringComparer.Ordinal);

        public IReadOnlyList<ByteString>? Anchors { get; set; }
    }
}
