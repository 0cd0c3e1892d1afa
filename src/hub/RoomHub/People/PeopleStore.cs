using RoomAgent.Hub.Calendar;
using RoomAgent.Hub.Devices;
using RoomAgent.Hub.Identity;
using RoomAgent.Hub.Store;

namespace RoomAgent.Hub.People;

/// <summary>What became of a change to a person.</summary>
internal enum Change
{
    /// <summary>It was made, or things were so already.</summary>
    Made,

    /// <summary>There is no such person in the organisation.</summary>
    NotFound,

    /// <summary>The organisation would have no administrator left.</summary>
    LastAdministrator,
}

/// <summary>Organisations and people in the database. Whoever loses rights or gets another password loses the sessions in the same transaction.</summary>
internal sealed class PeopleStore(Database database)
{
    /// <summary>The topic on which all hubs hear of a person whose sessions have ended: its content is the person's id. For whoever holds connections; every call looks at the database anyway.</summary>
    public const string SessionsEndedTopic = "person-sessions-ended";

    /// <summary>People and open invitations in an organisation, at the most.</summary>
    public const int MostPeople = 10_000;

    /// <summary>Makes the first organisation when there is none.</summary>
    /// <returns>Whether it was made.</returns>
    public Task<bool> AddFirstOrganisationAsync(string name, DateTimeOffset now, CancellationToken cancel = default) => database.WriteAsync(
        async transaction =>
        {
            if (await transaction.FirstAsync($"SELECT COUNT(*) FROM organisation", row => row.Long(0), cancel) > 0)
                return false;

            await transaction.ExecuteAsync($"INSERT INTO organisation (organisation, name, created_at) VALUES ({OrganisationId.New().ToBytes()}, {name}, {now})", cancel);
            return true;
        },
        cancel: cancel);

    /// <summary>Adds an organisation. There is nobody in it yet.</summary>
    public async Task<OrganisationId> AddOrganisationAsync(string name, DateTimeOffset now, CancellationToken cancel = default)
    {
        OrganisationId organisation = OrganisationId.New();
        await database.WriteAsync(
            transaction => transaction.ExecuteAsync($"INSERT INTO organisation (organisation, name, created_at) VALUES ({organisation.ToBytes()}, {name}, {now})", cancel),
            cancel: cancel);
        return organisation;
    }

    /// <summary>Whether anybody has an account, in whatever organisation.</summary>
    public Task<bool> IsAnybodyThereAsync(CancellationToken cancel = default) => database.ReadAsync(transaction => IsAnybodyThereAsync(transaction, cancel), cancel);

    /// <summary>All organisations, the oldest first.</summary>
    public Task<List<(OrganisationId Id, string Name)>> OrganisationsAsync(CancellationToken cancel = default) => database.ReadAsync(
        transaction => transaction.AllAsync($"SELECT organisation, name FROM organisation ORDER BY created_at, organisation LIMIT {MostPeople}", row => (OrganisationId.Of(row.Bytes(0)), row.Text(1)), cancel),
        cancel);

    /// <summary>Gives an organisation another name.</summary>
    public Task RenameAsync(OrganisationId organisation, string name, string actor, DateTimeOffset now, CancellationToken cancel = default) => database.WriteAsync(
        async transaction =>
        {
            await RenameAsync(transaction, organisation, name, cancel);
            await NoteAsync(transaction, PersonEvents.OrganisationRenamed, organisation, null, actor, now, cancel);
        },
        cancel: cancel);

    /// <summary>The person with a mailbox, whatever its state, and the hash of its password.</summary>
    public Task<(Person Person, string Password)?> FindByMailboxAsync(string mailbox, CancellationToken cancel = default) => database.ReadAsync(
        transaction => transaction.FirstAsync(
            $"SELECT p.person, p.organisation, o.name, p.mailbox, p.name, p.role, p.created_at, p.disabled_at, p.password FROM person p JOIN organisation o ON o.organisation = p.organisation WHERE p.mailbox = {mailbox}",
            row => ((Person, string)?)(Read(row), row.Text(8)),
            cancel),
        cancel);

    /// <summary>A person of an organisation, and the hash of its password.</summary>
    public Task<(Person Person, string Password)?> FindAsync(OrganisationId organisation, PersonId person, CancellationToken cancel = default) => database.ReadAsync(
        transaction => FindAsync(transaction, organisation, person, cancel), cancel);

    /// <summary>People of an organisation, oldest first: some, after having left out some.</summary>
    public Task<List<Person>> ListAsync(OrganisationId organisation, int skip, int most, CancellationToken cancel = default) => database.ReadAsync(
        transaction => transaction.AllAsync(
            $"SELECT p.person, p.organisation, o.name, p.mailbox, p.name, p.role, p.created_at, p.disabled_at FROM person p JOIN organisation o ON o.organisation = p.organisation WHERE p.organisation = {organisation.ToBytes()} ORDER BY p.created_at, p.person LIMIT {most} OFFSET {skip}",
            Read,
            cancel),
        cancel);

    /// <summary>Puts a hash with more work in place of one with less; sessions stay.</summary>
    /// <returns>Whether <paramref name="before"/> was still the hash of the present one.</returns>
    public Task<bool> RehashAsync(PersonId person, string before, string after, CancellationToken cancel = default) => database.WriteAsync(
        async transaction => await transaction.ExecuteAsync($"UPDATE person SET password = {after} WHERE person = {person.ToBytes()} AND password = {before}", cancel) > 0,
        cancel: cancel);

    /// <summary>A person chooses another password. All sessions end, and links for a new password are void.</summary>
    /// <returns>Whether <paramref name="before"/> was still the hash of the present one.</returns>
    public Task<bool> ChangePasswordAsync(Person person, string before, string after, DateTimeOffset now, CancellationToken cancel = default) => database.WriteAsync(
        async transaction =>
        {
            int changed = await transaction.ExecuteAsync($"UPDATE person SET password = {after} WHERE person = {person.Id.ToBytes()} AND password = {before}", cancel);
            if (changed == 0)
                return false;

            await transaction.ExecuteAsync($"DELETE FROM invitation WHERE person = {person.Id.ToBytes()}", cancel);
            await EndSessionsAsync(transaction, person.Id, cancel);
            await NoteAsync(transaction, PersonEvents.PasswordChanged, person.Organisation, person.Id, person.Id.ToString(), now, cancel);
            return true;
        },
        cancel: cancel);

    /// <summary>Gives a person another role. All its sessions end, and links for a new password are void.</summary>
    public Task<Change> SetRoleAsync(OrganisationId organisation, PersonId person, string role, string actor, DateTimeOffset now, CancellationToken cancel = default) => ChangeAsync(
        organisation,
        person,
        takesAdministrator: role != Roles.Administrator,
        async (transaction, there) =>
        {
            if (there.Role == role)
                return;

            await transaction.ExecuteAsync($"UPDATE person SET role = {role} WHERE person = {person.ToBytes()}", cancel);
            await transaction.ExecuteAsync($"DELETE FROM invitation WHERE person = {person.ToBytes()}", cancel);
            await EndSessionsAsync(transaction, person, cancel);
            await NoteAsync(transaction, PersonEvents.RoleChanged, organisation, person, actor, now, cancel);
        },
        cancel);

    /// <summary>Switches an account off, and all its sessions with it, or on again.</summary>
    public Task<Change> SetDisabledAsync(OrganisationId organisation, PersonId person, bool isDisabled, string actor, DateTimeOffset now, CancellationToken cancel = default) => ChangeAsync(
        organisation,
        person,
        takesAdministrator: isDisabled,
        async (transaction, there) =>
        {
            if (there.DisabledAt is not null == isDisabled)
                return;

            DateTimeOffset? since = isDisabled ? now : null;
            await transaction.ExecuteAsync($"UPDATE person SET disabled_at = {since} WHERE person = {person.ToBytes()}", cancel);
            await transaction.ExecuteAsync($"DELETE FROM invitation WHERE person = {person.ToBytes()}", cancel);
            await EndSessionsAsync(transaction, person, cancel);
            await CalendarChanges.AnnounceOrganisationAsync(transaction, organisation, cancel);
            await NoteAsync(transaction, isDisabled ? PersonEvents.Disabled : PersonEvents.Enabled, organisation, person, actor, now, cancel);
        },
        cancel);

    /// <summary>Forgets a person. In the audit log the id stays, which nobody's name belongs to any more.</summary>
    public Task<Change> RemoveAsync(OrganisationId organisation, PersonId person, string actor, DateTimeOffset now, CancellationToken cancel = default) => ChangeAsync(
        organisation,
        person,
        takesAdministrator: true,
        async (transaction, _) =>
        {
            await EndSessionsAsync(transaction, person, cancel);
            await transaction.ExecuteAsync($"DELETE FROM person WHERE person = {person.ToBytes()}", cancel);
            await CalendarChanges.AnnounceOrganisationAsync(transaction, organisation, cancel);
            await NoteAsync(transaction, PersonEvents.Removed, organisation, person, actor, now, cancel);
        },
        cancel);

    /// <summary>Whether anybody has an account, in a transaction.</summary>
    public static Task<bool> IsAnybodyThereAsync(Transaction transaction, CancellationToken cancel) =>
        transaction.FirstAsync($"SELECT COUNT(*) FROM (SELECT person FROM person LIMIT 1) somebody", row => row.Long(0) > 0, cancel);

    /// <summary>Ends all sessions of a person, in a transaction.</summary>
    public static async Task EndSessionsAsync(Transaction transaction, PersonId person, CancellationToken cancel)
    {
        await transaction.ExecuteAsync($"DELETE FROM person_session WHERE person = {person.ToBytes()}", cancel);
        await transaction.AnnounceAsync(SessionsEndedTopic, person.ToBytes(), cancel);
    }

    /// <summary>Notes something, in the transaction in which it happens.</summary>
    public static Task NoteAsync(Transaction transaction, string kind, OrganisationId organisation, PersonId? person, string actor, DateTimeOffset now, CancellationToken cancel) =>
        transaction.ExecuteAsync(
            $"INSERT INTO access_event (id, organisation, person, at, kind, actor) VALUES ({AccountStore.NewEventId(now)}, {organisation.ToBytes()}, {person?.ToBytes()}, {now}, {kind}, {actor})",
            cancel);

    /// <summary>Gives an organisation another name, in a transaction.</summary>
    public static async Task RenameAsync(Transaction transaction, OrganisationId organisation, string name, CancellationToken cancel)
    {
        await transaction.ExecuteAsync($"UPDATE organisation SET name = {name} WHERE organisation = {organisation.ToBytes()}", cancel);
        await transaction.ExecuteAsync($"UPDATE machine_account SET organisation_name = {name} WHERE organisation = {organisation.ToBytes()}", cancel);
        await transaction.ExecuteAsync($"UPDATE pairing_right SET organisation_name = {name} WHERE organisation = {organisation.ToBytes()}", cancel);
    }

    /// <summary>A person of an organisation, in a transaction.</summary>
    public static Task<(Person Person, string Password)?> FindAsync(Transaction transaction, OrganisationId organisation, PersonId person, CancellationToken cancel) => transaction.FirstAsync(
        $"SELECT p.person, p.organisation, o.name, p.mailbox, p.name, p.role, p.created_at, p.disabled_at, p.password FROM person p JOIN organisation o ON o.organisation = p.organisation WHERE p.organisation = {organisation.ToBytes()} AND p.person = {person.ToBytes()}",
        row => ((Person, string)?)(Read(row), row.Text(8)),
        cancel);

    /// <summary>Reads the columns that a person is made of, in their order.</summary>
    public static Person Read(Row row) => new(
        PersonId.Of(row.Bytes(0)),
        OrganisationId.Of(row.Bytes(1)),
        row.Text(2),
        row.Text(3),
        row.Text(4),
        row.Text(5),
        row.Time(6),
        row.TimeOrNull(7));

    // Serialisable, so that two administrators who remove each other at the same time do not both succeed.
    private Task<Change> ChangeAsync(OrganisationId organisation, PersonId person, bool takesAdministrator, Func<Transaction, Person, Task> change, CancellationToken cancel) => database.WriteAsync(
        async transaction =>
        {
            if (await FindAsync(transaction, organisation, person, cancel) is not { Person: { } there })
                return Change.NotFound;
            if (takesAdministrator && there is { IsAdministrator: true, DisabledAt: null })
            {
                long others = await transaction.FirstAsync(
                    $"SELECT COUNT(*) FROM person WHERE organisation = {organisation.ToBytes()} AND role = {Roles.Administrator} AND disabled_at IS NULL AND person <> {person.ToBytes()}",
                    row => row.Long(0),
                    cancel);
                if (others == 0)
                    return Change.LastAdministrator;
            }

            await change(transaction, there);
            return Change.Made;
        },
        cancel: cancel);
}
