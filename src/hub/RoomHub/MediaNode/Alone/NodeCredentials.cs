using System.Security.Cryptography;
using RoomAgent.Hub.Store;

namespace RoomAgent.Hub.MediaNode.Alone;

/// <summary>Which certificates of nodes count: of each name the newest, until it expires or is revoked.</summary>
internal sealed class NodeCredentials(Database database, TimeProvider clock)
{
    /// <summary>The longest name.</summary>
    public const int MaxName = 40;

    /// <summary>Whether a node may be called like that: letters, digits and hyphens, in lower case.</summary>
    public static bool IsName(string? name) => name is { Length: > 0 and <= MaxName } && name.All(letter => char.IsAsciiLetterLower(letter) || char.IsAsciiDigit(letter) || letter == '-');

    /// <summary>A certificate counts from now on, in place of the one before of that name.</summary>
    public Task AddAsync(string name, byte[] certificate, DateTimeOffset expiresAt, CancellationToken cancel) => database.WriteAsync(
        transaction => transaction.ExecuteAsync(
            $"""
            INSERT INTO node_credential (name, certificate_hash, issued_at, expires_at) VALUES ({name}, {SHA256.HashData(certificate)}, {clock.GetUtcNow()}, {expiresAt})
            ON CONFLICT (name) DO UPDATE SET certificate_hash = excluded.certificate_hash, issued_at = excluded.issued_at, expires_at = excluded.expires_at, revoked_at = NULL
            """,
            cancel),
        cancel: cancel);

    /// <summary>Nothing of that name counts any more.</summary>
    /// <returns><see langword="false"/> when nothing did.</returns>
    public async Task<bool> RevokeAsync(string name, CancellationToken cancel) => await database.WriteAsync(
        transaction => transaction.ExecuteAsync($"UPDATE node_credential SET revoked_at = {clock.GetUtcNow()} WHERE name = {name} AND revoked_at IS NULL", cancel),
        cancel: cancel) == 1;

    /// <summary>The name of a certificate that counts; <see langword="null"/> for others.</summary>
    public Task<string?> FindAsync(byte[] certificate, CancellationToken cancel) => database.ReadAsync(
        transaction => transaction.FirstAsync(
            $"SELECT name FROM node_credential WHERE certificate_hash = {SHA256.HashData(certificate)} AND revoked_at IS NULL AND expires_at > {clock.GetUtcNow()}",
            row => row.Text(0),
            cancel),
        cancel);
}
