using RoomAgent.Enrolment;
using RoomAgent.Hub.Devices;
using RoomAgent.Hub.Identity;
using RoomAgent.Hub.Store;

namespace RoomAgent.Hub.People;

/// <summary>All that the hub has about people: organisations, accounts, invitations, sessions, passwords.</summary>
internal sealed class PeopleDesk : IDisposable
{
    private PeopleDesk(Database database, HubAddress address, HubSecret secret, TimeProvider clock, TimeSpan idle, TimeSpan life)
    {
        Address = address;
        Secret = secret;
        Clock = clock;
        Codes = new CodeHash(secret);
        Store = new PeopleStore(database);
        Invitations = new InvitationStore(database);
        Sessions = new SessionStore(database, idle, life);
        Keys = new FormKeys(database, clock);
        Audit = new AuditLog(database);
        SignIn = new SignInDesk(this);
        InvitationLimit = new RateLimit(clock, perSecond: 0.2, burst: 20, perSecondForAll: 20, burstForAll: 100);
    }

    /// <summary>Where the hub is.</summary>
    public HubAddress Address { get; }

    /// <summary>What keys of forms are wrapped with.</summary>
    public HubSecret Secret { get; }

    /// <summary>The time.</summary>
    public TimeProvider Clock { get; }

    public CodeHash Codes { get; }

    public PeopleStore Store { get; }

    public InvitationStore Invitations { get; }

    public SessionStore Sessions { get; }

    public FormKeys Keys { get; }

    public AuditLog Audit { get; }

    public Passwords Passwords { get; } = new();

    public SignInDesk SignIn { get; }

    /// <summary>Calls with the secret of an invitation, right or wrong. Guessing 256 bits is hopeless; this is for the database's sake.</summary>
    public RateLimit InvitationLimit { get; }

    /// <summary>Opens what is in the database, and makes at first start an organisation.</summary>
    /// <param name="database">The hub's database, which has been migrated.</param>
    /// <param name="address">Where people reach the hub.</param>
    /// <param name="secret">What is hashed and wrapped with. Owned from now on.</param>
    /// <param name="clock">The time.</param>
    /// <param name="idle">How long a session lives without a call.</param>
    /// <param name="life">How long it lives at the most.</param>
    /// <param name="cancel">Gives up.</param>
    /// <exception cref="StoreException">The database does not answer.</exception>
    public static async Task<PeopleDesk> OpenAsync(Database database, HubAddress address, HubSecret secret, TimeProvider clock, TimeSpan idle, TimeSpan life, CancellationToken cancel = default)
    {
        var people = new PeopleDesk(database, address, secret, clock, idle, life);
        string name = new Uri(address.Url).Host;
        await people.Store.AddFirstOrganisationAsync(name, clock.GetUtcNow(), cancel);
        return people;
    }

    /// <summary>The link that makes an administrator of whoever started the hub, for as long as there is nobody: what an earlier start showed is void then.</summary>
    /// <returns>The link; <see langword="null"/> when there is somebody.</returns>
    public async Task<string?> InviteFirstAsync(CancellationToken cancel = default)
    {
        InvitationSecret secret = InvitationSecret.Generate();
        return await Invitations.AddFirstAsync(secret.HashWith(Codes), Clock.GetUtcNow(), cancel) ? secret.LinkAt(Address) : null;
    }

    /// <summary>An invitation that makes an administrator of whoever has it.</summary>
    public async Task<InvitationSecret> InviteFromConsoleAsync(OrganisationId organisation, string kind, CancellationToken cancel = default)
    {
        InvitationSecret secret = InvitationSecret.Generate();
        await Invitations.AddAsync(secret.HashWith(Codes), organisation, mailbox: null, name: "", Roles.Administrator, kind, PersonEvents.Console, Clock.GetUtcNow(), Invitation.ShortLife, cancel);
        return secret;
    }

    public void Dispose()
    {
        Passwords.Dispose();
        Secret.Dispose();
    }
}
