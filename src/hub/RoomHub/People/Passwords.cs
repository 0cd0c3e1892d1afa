using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;

namespace RoomAgent.Hub.People;

/// <summary>What a password turned out to be.</summary>
internal enum PasswordVerdict
{
    /// <summary>Another one.</summary>
    Wrong,

    /// <summary>The right one.</summary>
    Right,

    /// <summary>The right one, hashed with less work than is usual now: hash it anew.</summary>
    RightButOld,
}

/// <summary>
/// Hashes passwords: PBKDF2 with HMAC-SHA512 and a random salt, by the framework's hasher, whose text says algorithm and work, so that both can change later.
/// </summary>
/// <remarks>
/// <para>210,000 rounds, which is what OWASP's Password Storage Cheat Sheet asks of HMAC-SHA512; some 0.1 s on a core of 2020.</para>
/// <para>Half of the cores work at it, and no more than <see cref="MostWaiting"/> requests wait for them: a flood of sign-ins leaves the meetings theirs.</para>
/// </remarks>
internal sealed class Passwords : IDisposable
{
    /// <summary>Rounds of PBKDF2.</summary>
    public const int Rounds = 210_000;

    /// <summary>Requests that wait at the most.</summary>
    public const int MostWaiting = 32;

    private static readonly object s_nobody = new();

    private readonly PasswordHasher<object> _hasher;
    private readonly SemaphoreSlim _cores = new(Math.Max(1, Environment.ProcessorCount / 2));
    private readonly string _nobodysHash;
    private int _waiting;

    /// <summary>Hashes with that many rounds.</summary>
    public Passwords(int rounds = Rounds)
    {
        _hasher = new PasswordHasher<object>(Options.Create(new PasswordHasherOptions { CompatibilityMode = PasswordHasherCompatibilityMode.IdentityV3, IterationCount = rounds }));
        _nobodysHash = _hasher.HashPassword(s_nobody, Guid.NewGuid().ToString());
    }

    /// <summary>Hashes a password: <see langword="null"/> when too many requests wait already.</summary>
    public Task<string?> HashAsync(string password, CancellationToken cancel = default) => WorkAsync<string>(() => _hasher.HashPassword(s_nobody, password), cancel);

    /// <summary>Compares a password with a hash. Without a hash, since there is nobody of that name, it is as much work, and wrong.</summary>
    /// <returns><see langword="null"/> when too many requests wait already.</returns>
    public async Task<PasswordVerdict?> VerifyAsync(string? hash, string password, CancellationToken cancel = default)
    {
        object? result = await WorkAsync<object>(() => _hasher.VerifyHashedPassword(s_nobody, hash ?? _nobodysHash, password), cancel);
        return result switch
        {
            null => null,
            PasswordVerificationResult.Success when hash is not null => PasswordVerdict.Right,
            PasswordVerificationResult.SuccessRehashNeeded when hash is not null => PasswordVerdict.RightButOld,
            _ => PasswordVerdict.Wrong,
        };
    }

    public void Dispose() => _cores.Dispose();

    private async Task<T?> WorkAsync<T>(Func<T> work, CancellationToken cancel)
        where T : class
    {
        if (Interlocked.Increment(ref _waiting) > MostWaiting)
        {
            Interlocked.Decrement(ref _waiting);
            return null;
        }

        try
        {
            await _cores.WaitAsync(cancel);
        }
        finally
        {
            Interlocked.Decrement(ref _waiting);
        }

        try
        {
            return work();
        }
        finally
        {
            _cores.Release();
        }
    }
}
