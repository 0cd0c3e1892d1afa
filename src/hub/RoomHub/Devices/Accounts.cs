using RoomAgent.Enrolment;
using RoomAgent.Hub.Identity;
using RoomAgent.Hub.Store;
using RoomAgent.Native.OpenSsl;

namespace RoomAgent.Hub.Devices;

/// <summary>
/// All that the hub has about identities and machine accounts: who it is itself, its certificate authority, pairing, tokens.
/// <c>AddAccounts</c> and <c>MapAccounts</c> (<see cref="AccountServices"/>) make endpoints of it.
/// </summary>
public sealed class Accounts : IDisposable
{
    /// <summary>How long the audit log remembers: a year, and a month to look at it.</summary>
    public static readonly TimeSpan AuditLife = TimeSpan.FromDays(400);

    private readonly HubSecret _secret;

    private Accounts(HubAddress address, HubSecret secret, TimeProvider clock, Database database, HubIdentity identity, CertificateAuthority authority, TokenKeys tokenKeys)
    {
        _secret = secret;
        Address = address;
        Clock = clock;
        Identity = identity;
        Authority = authority;
        TokenKeys = tokenKeys;
        Tokens = new Tokens(identity.KeyHash, tokenKeys, clock);
        Proofs = new DpopProofs(address, clock);
        Codes = new CodeHash(secret);
        Store = new AccountStore(database);
        Updates = new UpdatePolicyStore(database);
        Pairing = new PairingStore(database);
        Grants = new GrantStore(database);
        RegistrationTokens = new RegistrationTokens(secret);
        UsedAssertions = new ReplayGuard(clock, TimeSpan.FromMinutes(20));
        CodeGuesses = new Guesses(clock, tries: 5, TimeSpan.FromHours(1), perSecond: 10);
        UserCodeGuesses = new Guesses(clock, tries: 5, TimeSpan.FromMinutes(10), perSecond: 1);
        StartLimit = new RateLimit(clock, perSecond: 1.0 / 30, burst: 10, perSecondForAll: 5, burstForAll: 100);
        CallLimit = new RateLimit(clock, perSecond: 5, burst: 60, perSecondForAll: 500, burstForAll: 1_000);
    }

    /// <summary>Where the hub is.</summary>
    public HubAddress Address { get; }

    /// <summary>Who the hub is.</summary>
    public HubIdentity Identity { get; }

    /// <summary>The hub's certificate authority.</summary>
    public CertificateAuthority Authority { get; }

    internal TimeProvider Clock { get; }

    internal TokenKeys TokenKeys { get; }

    internal Tokens Tokens { get; }

    internal DpopProofs Proofs { get; }

    internal CodeHash Codes { get; }

    internal AccountStore Store { get; }

    internal UpdatePolicyStore Updates { get; }

    internal PairingStore Pairing { get; }

    internal GrantStore Grants { get; }

    internal RegistrationTokens RegistrationTokens { get; }

    /// <summary>Client assertions, each of which is good once.</summary>
    internal ReplayGuard UsedAssertions { get; }

    /// <summary>Wrong activation codes, by source.</summary>
    internal Guesses CodeGuesses { get; }

    /// <summary>Wrong codes of displays, by administrator.</summary>
    internal Guesses UserCodeGuesses { get; }

    /// <summary>New codes for displays: a device needs one in ten minutes.</summary>
    internal RateLimit StartLimit { get; }

    /// <summary>Everything else that may be asked without a token.</summary>
    internal RateLimit CallLimit { get; }

    /// <summary>Opens what is in the database, and makes at first start what is not. The database has been migrated.</summary>
    /// <param name="database">The hub's database.</param>
    /// <param name="address">Where rooms and people reach the hub.</param>
    /// <param name="secret">What the hub's keys are wrapped with. Owned from now on.</param>
    /// <param name="openRootSecret">Gives what the root of the certificate authority is wrapped with, when an intermediate has to be made; it is disposed of right after. May have none to give.</param>
    /// <param name="clock">The time.</param>
    /// <param name="cancel">Gives up.</param>
    /// <exception cref="System.Security.Cryptography.CryptographicException">A secret does not belong to this database, or the root's is missing when it is needed.</exception>
    /// <exception cref="StoreException">The database does not answer.</exception>
    public static async Task<Accounts> OpenAsync(Database database, HubAddress address, HubSecret secret, Func<HubSecret?> openRootSecret, TimeProvider clock, CancellationToken cancel = default)
    {
        var keys = new KeyStore(database);
        HubIdentity identity = await HubIdentity.OpenAsync(keys, secret, clock, cancel);
        CertificateAuthority authority = await CertificateAuthority.OpenAsync(keys, secret, openRootSecret, clock, cancel);
        TokenKeys tokenKeys = await TokenKeys.OpenAsync(keys, secret, clock, cancel);
        return new Accounts(address, secret, clock, database, identity, authority, tokenKeys);
    }

    /// <summary>Renews keys and intermediates that are due and forgets what has expired. Called once an hour.</summary>
    public async Task TidyAsync(CancellationToken cancel = default)
    {
        await TokenKeys.RenewAsync(cancel);
        await Authority.RenewAsync(cancel);
        await Pairing.ForgetAsync(Clock.GetUtcNow(), cancel);
        await Store.ForgetEventsAsync(Clock.GetUtcNow() - AuditLife, cancel);
    }

    /// <summary>A setup code for a device that will be called <paramref name="deviceName"/>: an activation code of letters with all that a device needs beside it.</summary>
    /// <param name="organisation">Whose it will be.</param>
    /// <param name="organisationName">What they are called.</param>
    /// <param name="deviceName">What it will be called.</param>
    /// <param name="actor">Who makes it.</param>
    /// <param name="life">How long it lives; at most 30 days.</param>
    /// <param name="cancel">Gives up.</param>
    /// <returns><see langword="null"/> when too many codes are open.</returns>
    public async Task<SetupCode?> MakeSetupCodeAsync(OrganisationId organisation, string organisationName, string deviceName, string actor, TimeSpan life, CancellationToken cancel = default)
    {
        (ActivationCode Code, Guid, DateTimeOffset)? made = await MakeCodeAsync(ActivationCodeForm.Letters, organisation, organisationName, deviceName, actor, life, cancel);
        return made is { Code: { } code } ? new SetupCode(Address, Identity.KeyHash, code) : null;
    }

    /// <summary>Forgets the keys.</summary>
    public void Dispose()
    {
        Identity.Dispose();
        TokenKeys.Dispose();
        _secret.Dispose();
    }

    /// <summary>An activation code that is in the database: <see langword="null"/> when too many are open.</summary>
    internal async Task<(ActivationCode Code, Guid Id, DateTimeOffset ExpiresAt)?> MakeCodeAsync(
        ActivationCodeForm form, OrganisationId organisation, string organisationName, string deviceName, string actor, TimeSpan life, CancellationToken cancel)
    {
        DateTimeOffset now = Clock.GetUtcNow();
        TimeSpan longest = ActivationCode.LongestLife(form);
        DateTimeOffset expiresAt = now + (life < longest ? life : longest);
        ActivationCode code = ActivationCode.Generate(form, OpenSslRandom.Instance);
        var id = Guid.NewGuid();
        return await Pairing.TryAddCodeAsync(code.HashWith(Codes), id, organisation, organisationName, deviceName, actor, now, expiresAt, cancel) ? (code, id, expiresAt) : null;
    }

    /// <summary>The beginning of every call without a token: our time and a nonce for the answer, and whether the source asks too often. It has been answered then.</summary>
    internal async Task<bool> AdmitAsync(HttpContext context, RateLimit limit)
    {
        context.Response.Headers.Date = Clock.GetUtcNow().ToString("R");
        context.Response.Headers["DPoP-Nonce"] = Proofs.Nonces.Next();
        if (limit.TryTake(Requests.SourceOf(context), out TimeSpan wait))
            return true;

        await OAuthAnswers.RefuseAsync(context, OAuthError.Busy, wait);
        return false;
    }

    /// <summary>Checks the proof of a request and uses it up. The caller has bounded how often that may happen.</summary>
    internal DpopFault Prove(HttpContext context, string? token, out DpopProof? proof)
    {
        DpopFault fault = Proofs.Check(context.Request.Headers["DPoP"], context.Request.Method, context.Request.Path.Value ?? "", token, out proof);
        return fault == DpopFault.None ? Proofs.Use(proof!) : fault;
    }

    /// <summary>Tells everyone on this hub that a device has lost its access.</summary>
    internal static async Task TellAsync(HttpContext context, IEnumerable<MachineAccount> accounts, string reason)
    {
        IAccessListener[] listeners = [.. context.RequestServices.GetServices<IAccessListener>()];
        ILogger<Accounts> log = context.RequestServices.GetRequiredService<ILogger<Accounts>>();
        foreach (MachineAccount account in accounts)
        {
            if (reason == AccessEvents.ClonedDevice)
                AccountLog.ClonedDevice(log, account.Id);
            else
                AccountLog.AccessEnded(log, account.Id, reason);
            foreach (IAccessListener listener in listeners)
            {
                try
                {
                    await listener.AccessEndedAsync(account, reason);
                }
                catch (Exception problem)
                {
                    // The others are told all the same; the device's calls are refused anyway.
                    AccountLog.NotTold(log, account.Id, problem);
                }
            }
        }
    }
}
