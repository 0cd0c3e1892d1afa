using RoomAgent.Hub.Store;

namespace RoomAgent.Hub.People;

/// <summary>A session as it is listed: never its secret.</summary>
/// <param name="Id">By which it is ended.</param>
/// <param name="CreatedAt">When somebody signed in.</param>
/// <param name="SeenAt">When it was used last, to the minute.</param>
internal sealed record Session(Guid Id, DateTimeOffset CreatedAt, DateTimeOffset SeenAt);

/// <summary>Sessions of people in the database: all hubs have the same, and whatever ends one ends it everywhere at the next call.</summary>
internal sealed class SessionStore(Database database, TimeSpan idle, TimeSpan life)
{
    /// <summary>How long one lives at the most.</summary>
    public TimeSpan Life => life;

    /// <summary>Announced with the id of a session that somebody ended.</summary>
    public const string EndedTopic = "session-ended";

    /// <summary>What connections are told that end with their session.</summary>
    public const string EndReason = "signed-out";

    /// <summary>Sessions of one person; of more the oldest goes.</summary>
    public const int MostSessions = 20;

    // Not at every call: each would be a write.
    private static readonly TimeSpan s_notedEvery = TimeSpan.FromMinutes(1);

    /// <summary>Begins one, of a person that may sign in.</summary>
    /// <param name="hash">Of the session's secret.</param>
    /// <param name="id">By which it is ended; random.</param>
    /// <param name="person">Who has shown the password.</param>
    /// <param name="password">The hash that it was compared with: a sign-in under way while the password is changed comes too late.</param>
    /// <param name="now">The present.</param>
    /// <param name="cancel">Gives up.</param>
    /// <returns>Whether the person still may.</returns>
    public Task<bool> TryAddAsync(byte[] hash, Guid id, Person person, string password, DateTimeOffset now, CancellationToken cancel = default) => database.WriteAsync(
        async transaction =>
        {
            if (await PeopleStore.FindAsync(transaction, person.Organisation, person.Id, cancel) is not { Person.DisabledAt: null } there || there.Password != password)
                return false;

            await transaction.ExecuteAsync(
                $"DELETE FROM person_session WHERE person = {person.Id.ToBytes()} AND hash NOT IN (SELECT hash FROM person_session WHERE person = {person.Id.ToBytes()} ORDER BY created_at DESC LIMIT {MostSessions - 1})",
                cancel);
            await transaction.ExecuteAsync(
                $"INSERT INTO person_session (hash, id, person, created_at, seen_at) VALUES ({hash}, {id.ToByteArray(bigEndian: true)}, {person.Id.ToBytes()}, {now}, {now})",
                cancel);
            await PeopleStore.NoteAsync(transaction, PersonEvents.SignedIn, person.Organisation, person.Id, person.Id.ToString(), now, cancel);
            return true;
        },
        cancel: cancel);

    /// <summary>Whose session it is, as the person is now; <see langword="null"/> when it is over.</summary>
    public async Task<(Person Person, Session Session)?> FindAsync(byte[] hash, DateTimeOffset now, CancellationToken cancel = default)
    {
        (Person Person, Session Session)? found = await database.ReadAsync(
            transaction => transaction.FirstAsync(
                $"SELECT p.person, p.organisation, o.name, p.mailbox, p.name, p.role, p.created_at, p.disabled_at, s.id, s.created_at, s.seen_at FROM person_session s JOIN person p ON p.person = s.person JOIN organisation o ON o.organisation = p.organisation WHERE s.hash = {hash} AND s.created_at > {now - life} AND s.seen_at > {now - idle} AND p.disabled_at IS NULL",
                row => ((Person, Session)?)(PeopleStore.Read(row), new Session(new Guid(row.Bytes(8), bigEndian: true), row.Time(9), row.Time(10))),
                cancel),
            cancel);
        if (found is { Session.SeenAt: var seen } && now - seen >= s_notedEvery)
        {
            // What is lost here with the machine ends a session a little early.
            await database.WriteAsync(
                transaction => transaction.ExecuteAsync($"UPDATE person_session SET seen_at = {now} WHERE hash = {hash} AND seen_at < {now}", cancel),
                Isolation.ReadCommitted,
                Durability.ProcessLoss,
                cancel);
        }

        return found;
    }

    /// <summary>Whether a session is not over. One that was used since it was looked up last lives on as by a call.</summary>
    public async Task<bool> IsGoodAsync(byte[] hash, bool wasUsed, DateTimeOffset now, CancellationToken cancel = default) => wasUsed
        ? await FindAsync(hash, now, cancel) is not null
        : await database.ReadAsync(
            transaction => transaction.FirstAsync(
                $"SELECT COUNT(*) FROM person_session s JOIN person p ON p.person = s.person WHERE s.hash = {hash} AND s.created_at > {now - life} AND s.seen_at > {now - idle} AND p.disabled_at IS NULL",
                row => row.Long(0),
                cancel),
            cancel) > 0;

    /// <summary>The sessions of a person that are not over, the latest first.</summary>
    public Task<List<Session>> ListAsync(PersonId person, DateTimeOffset now, CancellationToken cancel = default) => database.ReadAsync(
        transaction => transaction.AllAsync(
            $"SELECT id, created_at, seen_at FROM person_session WHERE person = {person.ToBytes()} AND created_at > {now - life} AND seen_at > {now - idle} ORDER BY created_at DESC LIMIT {MostSessions}",
            row => new Session(new Guid(row.Bytes(0), bigEndian: true), row.Time(1), row.Time(2)),
            cancel),
        cancel);

    /// <summary>Ends a session whose secret came with a call.</summary>
    public Task EndAsync(byte[] hash, CancellationToken cancel = default) => database.WriteAsync(
        async transaction =>
        {
            foreach (byte[] id in await transaction.AllAsync($"DELETE FROM person_session WHERE hash = {hash} RETURNING id", row => row.Bytes(0), cancel))
                await transaction.AnnounceAsync(EndedTopic, id, cancel);
        },
        cancel: cancel);

    /// <summary>Ends one session of a person.</summary>
    public Task<bool> EndAsync(PersonId person, Guid id, CancellationToken cancel = default) => database.WriteAsync(
        async transaction =>
        {
            bool isEnded = await transaction.ExecuteAsync($"DELETE FROM person_session WHERE person = {person.ToBytes()} AND id = {id.ToByteArray(bigEndian: true)}", cancel) > 0;
            if (isEnded)
                await transaction.AnnounceAsync(EndedTopic, id.ToByteArray(bigEndian: true), cancel);
            return isEnded;
        },
        cancel: cancel);

    /// <summary>Ends all sessions of a person.</summary>
    public Task EndAllAsync(Person person, DateTimeOffset now, CancellationToken cancel = default) => database.WriteAsync(
        async transaction =>
        {
            await PeopleStore.EndSessionsAsync(transaction, person.Id, cancel);
            await PeopleStore.NoteAsync(transaction, PersonEvents.SessionsEnded, person.Organisation, person.Id, person.Id.ToString(), now, cancel);
        },
        cancel: cancel);

    /// <summary>Forgets sessions and invitations that are over.</summary>
    public Task ForgetAsync(DateTimeOffset now, CancellationToken cancel = default) => database.WriteAsync(
        async transaction =>
        {
            await transaction.ExecuteAsync($"DELETE FROM person_session WHERE created_at <= {now - life} OR seen_at <= {now - idle}", cancel);
            await transaction.ExecuteAsync($"DELETE FROM invitation WHERE expires_at <= {now}", cancel);
        },
        cancel: cancel);
}
