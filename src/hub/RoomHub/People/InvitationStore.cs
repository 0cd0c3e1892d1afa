using RoomAgent.Hub.Calendar;
using RoomAgent.Hub.Identity;
using RoomAgent.Hub.Store;

namespace RoomAgent.Hub.People;

/// <summary>What became of an invitation that somebody wanted to make.</summary>
internal enum InviteOutcome
{
    /// <summary>It is there.</summary>
    Made,

    /// <summary>Somebody has that mailbox, or there is no such person.</summary>
    Refused,

    /// <summary>There are too many people or open invitations.</summary>
    TooMany,
}

/// <summary>What became of an invitation that somebody accepted.</summary>
internal enum AcceptOutcome
{
    /// <summary>There is an account with that password now.</summary>
    Accepted,

    /// <summary>There is no such invitation, or not any more.</summary>
    Gone,

    /// <summary>Somebody else has that mailbox. The invitation stays.</summary>
    MailboxTaken,
}

/// <summary>Invitations in the database. Each is good once: it goes in the transaction in which it has its effect.</summary>
internal sealed class InvitationStore(Database database)
{
    /// <summary>Invites somebody whom an administrator names, or anybody who has the console (no mailbox).</summary>
    public Task<InviteOutcome> AddAsync(byte[] hash, OrganisationId organisation, string? mailbox, string name, string role, string kind, string actor, DateTimeOffset now, TimeSpan life, CancellationToken cancel = default) => database.WriteAsync(
        async transaction =>
        {
            if (mailbox is not null && await transaction.FirstAsync($"SELECT COUNT(*) FROM person WHERE mailbox = {mailbox}", row => row.Long(0), cancel) > 0)
                return InviteOutcome.Refused;

            long people = await transaction.FirstAsync(
                $"SELECT (SELECT COUNT(*) FROM person WHERE organisation = {organisation.ToBytes()}) + (SELECT COUNT(*) FROM invitation WHERE organisation = {organisation.ToBytes()})",
                row => row.Long(0),
                cancel);
            if (mailbox is not null && people >= PeopleStore.MostPeople)
                return InviteOutcome.TooMany;

            await ReplaceAsync(transaction, hash, organisation, mailbox, name, role, kind, actor, now, life, cancel);
            return InviteOutcome.Made;
        },
        cancel: cancel);

    /// <summary>Invites whoever has the console to administer the oldest organisation, unless somebody has an account already.</summary>
    /// <returns>Whether there was nobody.</returns>
    public Task<bool> AddFirstAsync(byte[] hash, DateTimeOffset now, CancellationToken cancel = default) => database.WriteAsync(
        async transaction =>
        {
            if (await PeopleStore.IsAnybodyThereAsync(transaction, cancel))
                return false;

            OrganisationId oldest = await transaction.FirstAsync($"SELECT organisation FROM organisation ORDER BY created_at, organisation LIMIT 1", row => OrganisationId.Of(row.Bytes(0)), cancel);
            await ReplaceAsync(transaction, hash, oldest, mailbox: null, name: "", Roles.Administrator, PersonEvents.Invited, PersonEvents.Console, now, Invitation.ShortLife, cancel);
            return true;
        },
        cancel: cancel);

    /// <summary>Lets a person choose a new password without the one before.</summary>
    public Task<InviteOutcome> AddResetAsync(byte[] hash, OrganisationId organisation, PersonId person, string actor, DateTimeOffset now, CancellationToken cancel = default) => database.WriteAsync(
        async transaction =>
        {
            if (await PeopleStore.FindAsync(transaction, organisation, person, cancel) is not { Person: { DisabledAt: null } there })
                return InviteOutcome.Refused;

            await transaction.ExecuteAsync($"DELETE FROM invitation WHERE person = {person.ToBytes()}", cancel);
            await InsertAsync(transaction, hash, organisation, person, there.Mailbox, there.Name, there.Role, actor, now, Invitation.ShortLife, cancel);
            await PeopleStore.NoteAsync(transaction, PersonEvents.ResetOffered, organisation, person, actor, now, cancel);
            return InviteOutcome.Made;
        },
        cancel: cancel);

    /// <summary>An invitation that is good now.</summary>
    public Task<Invitation?> FindAsync(byte[] hash, DateTimeOffset now, CancellationToken cancel = default) => database.ReadAsync(
        transaction => FindAsync(transaction, hash, now, cancel), cancel);

    /// <summary>The open invitations of an organisation that name somebody, the latest first.</summary>
    public Task<List<Invitation>> ListAsync(OrganisationId organisation, DateTimeOffset now, int most, CancellationToken cancel = default) => database.ReadAsync(
        transaction => transaction.AllAsync(
            $"SELECT i.id, i.organisation, o.name, i.person, i.mailbox, i.name, i.role, i.made_at, i.expires_at, 0 FROM invitation i JOIN organisation o ON o.organisation = i.organisation WHERE i.organisation = {organisation.ToBytes()} AND i.mailbox IS NOT NULL AND i.expires_at > {now} ORDER BY i.made_at DESC, i.id LIMIT {most}",
            Read,
            cancel),
        cancel);

    /// <summary>Takes one back.</summary>
    public Task<bool> RemoveAsync(OrganisationId organisation, Guid id, string actor, DateTimeOffset now, CancellationToken cancel = default) => database.WriteAsync(
        async transaction =>
        {
            int removed = await transaction.ExecuteAsync($"DELETE FROM invitation WHERE organisation = {organisation.ToBytes()} AND id = {id.ToByteArray(bigEndian: true)} AND mailbox IS NOT NULL", cancel);
            if (removed > 0)
                await PeopleStore.NoteAsync(transaction, PersonEvents.InvitationRemoved, organisation, null, actor, now, cancel);
            return removed > 0;
        },
        cancel: cancel);

    /// <summary>
    /// Uses an invitation up: somebody new has an account, or a person has another password and no sessions any more. Whoever has an invitation of the console and names a person of the organisation
    /// becomes that person again, as an administrator: that is the way back after a lost password.
    /// </summary>
    public Task<(AcceptOutcome Outcome, PersonId Person)> AcceptAsync(byte[] hash, string mailbox, string name, string? organisationName, string password, DateTimeOffset now, CancellationToken cancel = default) => database.WriteAsync(
        async transaction =>
        {
            if (await FindAsync(transaction, hash, now, cancel) is not { } invitation)
                return (AcceptOutcome.Gone, default(PersonId));

            string address = invitation.Mailbox ?? mailbox;
            (byte[] Person, byte[] Organisation)? there = await transaction.FirstAsync(
                $"SELECT person, organisation FROM person WHERE mailbox = {address}",
                row => ((byte[], byte[])?)(row.Bytes(0), row.Bytes(1)),
                cancel);
            PersonId? person = there is { } found ? PersonId.Of(found.Person) : null;
            bool isOwn = there is { } owner && OrganisationId.Of(owner.Organisation) == invitation.Organisation;
            bool mayBecome = isOwn && (invitation.Person == person || invitation.Mailbox is null);
            if ((person is not null && !mayBecome) || (person is null && invitation.Person is not null))
                return (AcceptOutcome.MailboxTaken, default);

            await transaction.ExecuteAsync($"DELETE FROM invitation WHERE hash = {hash}", cancel);
            if (invitation.IsFirst && organisationName is not null)
                await PeopleStore.RenameAsync(transaction, invitation.Organisation, organisationName, cancel);

            PersonId who = person ?? PersonId.New();
            if (person is null)
            {
                await transaction.ExecuteAsync(
                    $"INSERT INTO person (person, organisation, mailbox, name, role, password, created_at) VALUES ({who.ToBytes()}, {invitation.Organisation.ToBytes()}, {address}, {name}, {invitation.Role}, {password}, {now})",
                    cancel);
            }
            else
            {
                // A new password gives nothing back that was taken away since the link was made; the console does.
                await transaction.ExecuteAsync($"UPDATE person SET password = {password} WHERE person = {who.ToBytes()}", cancel);
                if (invitation.Mailbox is null)
                    await transaction.ExecuteAsync($"UPDATE person SET role = {invitation.Role}, disabled_at = NULL WHERE person = {who.ToBytes()}", cancel);
                await PeopleStore.EndSessionsAsync(transaction, who, cancel);
            }

            await CalendarChanges.AnnounceOrganisationAsync(transaction, invitation.Organisation, cancel);
            await PeopleStore.NoteAsync(transaction, person is null ? PersonEvents.Joined : PersonEvents.PasswordChanged, invitation.Organisation, who, who.ToString(), now, cancel);
            return (AcceptOutcome.Accepted, who);
        },
        cancel: cancel);

    // Whoever is invited again has one invitation, and so has the console.
    private static async Task ReplaceAsync(Transaction transaction, byte[] hash, OrganisationId organisation, string? mailbox, string name, string role, string kind, string actor, DateTimeOffset now, TimeSpan life, CancellationToken cancel)
    {
        await transaction.ExecuteAsync(
            $"DELETE FROM invitation WHERE organisation = {organisation.ToBytes()} AND person IS NULL AND COALESCE(mailbox, '') = {mailbox ?? ""}",
            cancel);
        await InsertAsync(transaction, hash, organisation, person: null, mailbox, name, role, actor, now, life, cancel);
        await PeopleStore.NoteAsync(transaction, kind, organisation, null, actor, now, cancel);
    }

    private static Task<int> InsertAsync(Transaction transaction, byte[] hash, OrganisationId organisation, PersonId? person, string? mailbox, string name, string role, string actor, DateTimeOffset now, TimeSpan life, CancellationToken cancel) =>
        transaction.ExecuteAsync(
            $"INSERT INTO invitation (hash, id, organisation, person, mailbox, name, role, made_by, made_at, expires_at) VALUES ({hash}, {Guid.NewGuid().ToByteArray(bigEndian: true)}, {organisation.ToBytes()}, {person?.ToBytes()}, {mailbox}, {name}, {role}, {actor}, {now}, {now + life})",
            cancel);

    private static Task<Invitation?> FindAsync(Transaction transaction, byte[] hash, DateTimeOffset now, CancellationToken cancel) => transaction.FirstAsync(
        $"SELECT i.id, i.organisation, o.name, i.person, i.mailbox, i.name, i.role, i.made_at, i.expires_at, (SELECT COUNT(*) FROM person p WHERE p.organisation = i.organisation) FROM invitation i JOIN organisation o ON o.organisation = i.organisation WHERE i.hash = {hash} AND i.expires_at > {now}",
        row => Read(row) with { IsFirst = row.Long(9) == 0 },
        cancel);

    private static Invitation Read(Row row) => new(
        new Guid(row.Bytes(0), bigEndian: true),
        OrganisationId.Of(row.Bytes(1)),
        row.Text(2),
        row.BytesOrNull(3) is { } person ? PersonId.Of(person) : null,
        row.TextOrNull(4),
        row.Text(5),
        row.Text(6),
        row.Time(7),
        row.Time(8),
        IsFirst: false);
}
