using System.Security.Cryptography;
using System.Text;
using RoomAgent.Crypto;
using RoomAgent.Hub.Identity;
using RoomAgent.Hub.Store;

namespace RoomAgent.Hub.Operations;

/// <summary>
/// What opens backups: 32 random bytes that people keep on paper or in a safe, as 56 letters and digits of Crockford's base 32 in groups of four. The last five are a sum,
/// which finds what was mistyped.
/// </summary>
internal static class RecoveryKey
{
    /// <summary>The longest text that is looked at, blanks and hyphens included.</summary>
    public const int MaxLength = 200;

    private const int Size = 32, SumSize = 3;
    private const string Alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

    /// <summary>A key in the form for people.</summary>
    public static string Reveal(Secret key)
    {
        byte[] bytes = [.. key.Bytes, .. SHA256.HashData(key.Bytes).AsSpan(0, SumSize)];
        try
        {
            // Five bytes are eight characters.
            var text = new StringBuilder();
            for (int i = 0; i < bytes.Length; i += 5)
            {
                ulong block = 0;
                for (int j = 0; j < 5; j++)
                    block = (block << 8) | bytes[i + j];
                for (int shift = 35; shift >= 0; shift -= 5)
                {
                    text.Append(Alphabet[(int)(block >> shift) & 31]);
                    if (shift == 20 || (shift == 0 && i + 5 < bytes.Length))
                        text.Append('-');
                }
            }

            return text.ToString();
        }
        finally
        {
            CryptographicOperations.ZeroMemory(bytes);
        }
    }

    /// <summary>Reads a key as people type it: in any case, with blanks and hyphens anywhere, O for 0, I and L for 1.</summary>
    /// <returns><see langword="null"/> when it is none, or when its sum shows a mistake.</returns>
    public static Secret? Read(string? text)
    {
        if (text is null || text.Length > MaxLength)
            return null;

        byte[] bytes = new byte[Size + SumSize];
        try
        {
            int at = 0;
            ulong block = 0;
            foreach (char letter in text)
            {
                if (letter is ' ' or '-' or '\t' or '\r' or '\n')
                    continue;
                int value = Alphabet.IndexOf(char.ToUpperInvariant(letter) switch { 'O' => '0', 'I' or 'L' => '1', char other => other }, StringComparison.Ordinal);
                if (value < 0 || at == bytes.Length * 8 / 5)
                    return null;

                block = (block << 5) | (uint)value;
                if (++at % 8 != 0)
                    continue;
                for (int j = 0; j < 5; j++)
                    bytes[(at / 8 * 5) - 1 - j] = (byte)(block >> (8 * j));
                block = 0;
            }

            bool isWhole = at == bytes.Length * 8 / 5 && SHA256.HashData(bytes.AsSpan(0, Size)).AsSpan(0, SumSize).SequenceEqual(bytes.AsSpan(Size));
            return isWhole ? Secret.CopyOf(bytes.AsSpan(0, Size)) : null;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(bytes);
        }
    }
}

/// <summary>The recovery keys that this hub has had, wrapped with its secret: backups after the first one need nobody who types the key.</summary>
internal sealed class RecoveryKeys(Database database, HubSecret secret)
{
    /// <summary>The newest; <see langword="null"/> before the first backup.</summary>
    /// <exception cref="CryptographicException">It was wrapped with another secret.</exception>
    public async Task<Secret?> LoadAsync(CancellationToken cancel)
    {
        byte[]? wrapped = await database.ReadAsync(transaction => transaction.FirstAsync($"SELECT wrapped FROM recovery_key ORDER BY number DESC LIMIT 1", row => row.Bytes(0), cancel), cancel);
        if (wrapped is null)
            return null;
        return secret.Open(Name, wrapped) ?? throw new CryptographicException("The recovery key in the database was wrapped with another secret; roomhub backup --new-key makes another.");
    }

    /// <summary>Makes a new one, which counts from now on.</summary>
    public async Task<Secret> MakeAsync(IRandom random, DateTimeOffset now, CancellationToken cancel)
    {
        Secret key = Secret.Generate(random, 32);
        byte[] wrapped = secret.Seal(Name, key.Bytes);
        await database.WriteAsync(
            transaction => transaction.ExecuteAsync($"INSERT INTO recovery_key (number, wrapped, created_at) SELECT COALESCE(MAX(number), 0) + 1, {wrapped}, {now} FROM recovery_key", cancel),
            cancel: cancel);
        return key;
    }

    private const string Name = "recovery-key";
}
