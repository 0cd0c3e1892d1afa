using System.Security.Cryptography;
using Microsoft.IdentityModel.Tokens;
using RoomAgent.Hub.Identity;

namespace RoomAgent.Hub.Devices;

/// <summary>One pair of keys of our own tokens: they are signed with the one and encrypted with the other.</summary>
internal sealed record TokenKey(string Id, SigningCredentials Signing, EncryptingCredentials Encrypting, DateTimeOffset CreatedAt);

/// <summary>
/// The keys of our own tokens, which all hubs of a database share. A new pair is made every 30 days; the old ones stay for as long as a token may live that they made.
/// </summary>
internal sealed class TokenKeys : IDisposable
{
    /// <summary>How tokens are encrypted (RFC 7518 sections 4.5 and 5.2.5): directly with our own key. The library does not encrypt with AES-GCM.</summary>
    public const string KeyManagement = "dir";

    /// <summary>See <see cref="KeyManagement"/>.</summary>
    public const string Encryption = "A256CBC-HS512";

    private const string Purpose = "tokens";
    private const int EncryptionKeySize = 64;

    private static readonly TimeSpan s_renewAfter = TimeSpan.FromDays(30);
    private static readonly TimeSpan s_longestToken = TimeSpan.FromDays(366);
    private static readonly TimeSpan s_betweenLoads = TimeSpan.FromSeconds(1);

    private readonly KeyStore _store;
    private readonly HubSecret _secret;
    private readonly TimeProvider _clock;
    private readonly SemaphoreSlim _loading = new(1);
    private volatile Dictionary<string, TokenKey> _keys = [];
    private volatile TokenKey _current = null!;
    private DateTimeOffset _loadedAt;

    private TokenKeys(KeyStore store, HubSecret secret, TimeProvider clock)
    {
        _store = store;
        _secret = secret;
        _clock = clock;
    }

    /// <summary>The keys of new tokens.</summary>
    public TokenKey Current => _current;

    /// <summary>Loads the keys, which are made at first start.</summary>
    public static async Task<TokenKeys> OpenAsync(KeyStore store, HubSecret secret, TimeProvider clock, CancellationToken cancel = default)
    {
        var keys = new TokenKeys(store, secret, clock);
        await store.LoadOrCreateAsync(Purpose, secret, clock, cancel);
        await keys.LoadAsync(cancel);
        return keys;
    }

    /// <summary>Makes a new pair when it is time, and forgets those that no living token needs.</summary>
    public async Task RenewAsync(CancellationToken cancel = default)
    {
        DateTimeOffset now = _clock.GetUtcNow();
        TokenKey current = Current;
        if (now - current.CreatedAt >= s_renewAfter)
        {
            using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            await _store.TryAddAsync(KeptKey.Wrap(Purpose, key, _secret, now), current.Id, cancel);
        }

        await _store.ForgetAsync(Purpose, now - s_renewAfter - s_longestToken, cancel);
        await LoadAsync(cancel);
    }

    /// <summary>Those of a name. One that is not known may be new from another hub, so the database is asked, once a second at most.</summary>
    public async ValueTask<TokenKey?> FindAsync(string? id, CancellationToken cancel = default)
    {
        if (id is null)
            return null;
        if (_keys.TryGetValue(id, out TokenKey? known))
            return known;

        await _loading.WaitAsync(cancel);
        try
        {
            if ((_clock.GetUtcNow() - _loadedAt).Duration() >= s_betweenLoads)
                await LoadAsync(cancel);
        }
        finally
        {
            _loading.Release();
        }

        return _keys.GetValueOrDefault(id);
    }

    /// <summary>No more keys are loaded. Those in memory stay until the process ends.</summary>
    public void Dispose() => _loading.Dispose();

    private async Task LoadAsync(CancellationToken cancel)
    {
        List<KeptKey> kept = await _store.AllAsync(Purpose, cancel);
        Dictionary<string, TokenKey> before = _keys;
        var keys = kept.ToDictionary(key => key.Id, key => before.GetValueOrDefault(key.Id) ?? Unwrap(key));
        _keys = keys;
        _current = keys[kept[0].Id];
        _loadedAt = _clock.GetUtcNow();
    }

    private TokenKey Unwrap(KeptKey kept)
    {
        var signing = new ECDsaSecurityKey(kept.Unwrap(_secret)) { KeyId = kept.Id };
        var encryption = new SymmetricSecurityKey(_secret.Derive($"token encryption {kept.Id}", EncryptionKeySize)) { KeyId = kept.Id };
        return new TokenKey(
            kept.Id,
            new SigningCredentials(signing, SecurityAlgorithms.EcdsaSha256),
            new EncryptingCredentials(encryption, KeyManagement, Encryption),
            kept.CreatedAt);
    }
}
