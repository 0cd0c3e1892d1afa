using System.Security.Cryptography;
using RoomAgent.Crypto;
using RoomAgent.Hub.Store;

namespace RoomAgent.Hub.Identity;

/// <summary>A key as it lies in the database: wrapped.</summary>
/// <param name="Purpose">What it is for.</param>
/// <param name="Id">Its name among those for the same purpose.</param>
/// <param name="CreatedAt">When it was made.</param>
/// <param name="Wrapped">The key, see <see cref="HubSecret.Seal"/>.</param>
/// <param name="Certificate">Its certificate in DER, when it has one.</param>
internal sealed record KeptKey(string Purpose, string Id, DateTimeOffset CreatedAt, byte[] Wrapped, byte[]? Certificate)
{
    /// <summary>Wraps a P-256 key.</summary>
    public static KeptKey Wrap(string purpose, ECDsa key, HubSecret secret, DateTimeOffset now, byte[]? certificate = null)
    {
        string id = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8));
        byte[] plain = key.ExportPkcs8PrivateKey();
        try
        {
            return new KeptKey(purpose, id, now, secret.Seal(NameOf(purpose, id), plain), certificate);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(plain);
        }
    }

    /// <summary>Unwraps the key.</summary>
    /// <exception cref="CryptographicException">The secret is not the one that it was wrapped with.</exception>
    public ECDsa Unwrap(HubSecret secret)
    {
        using Secret? plain = secret.Open(NameOf(Purpose, Id), Wrapped);
        if (plain is null)
            throw new CryptographicException($"The key \"{Purpose}\" in the database was wrapped with another secret: restore the secret that belongs to this database.");

        var key = ECDsa.Create();
        key.ImportPkcs8PrivateKey(plain.Bytes, out _);
        return key;
    }

    private static string NameOf(string purpose, string id) => $"{purpose}/{id}";
}

/// <summary>The hub's own keys in the database, wrapped. All hubs of one database have the same.</summary>
internal sealed class KeyStore(Database database)
{
    /// <summary>All keys of a purpose, the newest first.</summary>
    public Task<List<KeptKey>> AllAsync(string purpose, CancellationToken cancel = default) =>
        database.ReadAsync(transaction => AllAsync(transaction, purpose, cancel), cancel);

    /// <summary>Adds a key, when <paramref name="newest"/> is still the newest of its purpose: of two hubs that make one at the same time, one does.</summary>
    public Task<bool> TryAddAsync(KeptKey key, string? newest, CancellationToken cancel = default) => database.WriteAsync(
        async transaction =>
        {
            List<KeptKey> there = await AllAsync(transaction, key.Purpose, cancel);
            if (there.FirstOrDefault()?.Id != newest)
                return false;

            int number = there.Count == 0 ? 1 : await transaction.FirstAsync($"SELECT MAX(number) FROM hub_key WHERE purpose = {key.Purpose}", row => row.Int(0), cancel) + 1;
            int added = await transaction.ExecuteAsync(
                $"INSERT INTO hub_key (purpose, number, id, created_at, wrapped, certificate) VALUES ({key.Purpose}, {number}, {key.Id}, {key.CreatedAt}, {key.Wrapped}, {key.Certificate}) ON CONFLICT DO NOTHING",
                cancel);
            return added == 1;
        },
        cancel: cancel);

    /// <summary>Forgets keys of a purpose that were made before a date, except the newest.</summary>
    public Task ForgetAsync(string purpose, DateTimeOffset before, CancellationToken cancel = default) => database.WriteAsync(
        transaction => transaction.ExecuteAsync(
            $"DELETE FROM hub_key WHERE purpose = {purpose} AND created_at < {before} AND number < (SELECT MAX(number) FROM hub_key WHERE purpose = {purpose})",
            cancel),
        cancel: cancel);

    /// <summary>The newest key of a purpose, which is made when there is none.</summary>
    public async Task<KeptKey> LoadOrCreateAsync(string purpose, HubSecret secret, TimeProvider clock, CancellationToken cancel = default)
    {
        while (true)
        {
            if ((await AllAsync(purpose, cancel)).FirstOrDefault() is { } there)
                return there;

            using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            KeptKey made = KeptKey.Wrap(purpose, key, secret, clock.GetUtcNow());
            if (await TryAddAsync(made, newest: null, cancel))
                return made;
        }
    }

    private static Task<List<KeptKey>> AllAsync(Transaction transaction, string purpose, CancellationToken cancel) => transaction.AllAsync(
        $"SELECT id, created_at, wrapped, certificate FROM hub_key WHERE purpose = {purpose} ORDER BY number DESC",
        row => new KeptKey(purpose, row.Text(0), row.Time(1), row.Bytes(2), row.BytesOrNull(3)),
        cancel);
}
