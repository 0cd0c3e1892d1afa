using RoomAgent.Hub.Hosting;
using RoomAgent.Hub.Meetings;
using RoomAgent.Hub.Store;

namespace RoomAgent.Hub.Operations;

/// <summary>One thing that must be well before clients are sent here.</summary>
/// <param name="Name">What.</param>
/// <param name="Problem">What is wrong, for whoever runs the hub; no secret, since everybody may read it. <see langword="null"/> when it is well.</param>
internal sealed record ReadinessCheck(string Name, string? Problem);

/// <summary>Whether clients should be sent to this hub. Asking costs nothing: of all who ask within a second one waits for the database.</summary>
internal sealed class Readiness(Database database, MeetingStore meetings, HubPulse pulse, ServerCertificate certificate, Drain drain, TimeProvider clock, ILogger<Readiness> log)
{
    private static readonly TimeSpan s_fresh = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(2);

    private readonly Lock _turn = new();
    private Task<string?> _asked = Task.FromResult<string?>(null);
    private long? _askedAt;
    private string? _told;

    /// <summary>How everything is.</summary>
    public async Task<IReadOnlyList<ReadinessCheck>> CheckAsync()
    {
        DateTimeOffset now = clock.GetUtcNow();
        ReadinessCheck[] checks =
        [
            new("process", drain.HasBegun ? "it is about to end" : null),
            new("database", await AskDatabaseAsync()),
            new("other-hubs", meetings.IsListening ? null : "what other hubs append is not heard at once: the server needs wal_level = logical and the database's user the right REPLICATION"),
            new("pulse", pulse.IsBeating ? null : "it cannot say in the database that it lives, so other hubs take its meetings over"),
            new("certificate", CertificateProblem(now)),
        ];
        Tell(string.Join("; ", checks.Where(check => check.Problem is not null).Select(check => $"{check.Name}: {check.Problem}")));
        return checks;
    }

    private string? CertificateProblem(DateTimeOffset now)
    {
        if (now > certificate.Current.NotAfter.ToUniversalTime())
            return "it has expired";
        return now < certificate.Current.NotBefore.ToUniversalTime() ? "it is not valid yet; or the clock is wrong" : null;
    }

    private Task<string?> AskDatabaseAsync()
    {
        lock (_turn)
        {
            bool isFresh = _askedAt is { } at && clock.GetElapsedTime(at) < s_fresh;
            if (!isFresh && _asked.IsCompleted)
            {
                _askedAt = clock.GetTimestamp();
                _asked = AskAsync();
            }

            return _asked;
        }
    }

    private async Task<string?> AskAsync()
    {
        using var limit = new CancellationTokenSource(s_patience);
        try
        {
            await database.ReadAsync(transaction => transaction.FirstAsync($"SELECT 1", row => row.Int(0), limit.Token), limit.Token).WaitAsync(limit.Token);
            return null;
        }
        catch (StoreException problem)
        {
            return $"it does not do what it is asked ({problem.Fault})";
        }
        catch (OperationCanceledException)
        {
            return "it does not answer";
        }
#pragma warning disable CA1031 // Whatever is wrong with it, whoever asks is answered.
        catch (Exception)
#pragma warning restore CA1031
        {
            return "it cannot be asked";
        }
    }

    private void Tell(string reasons)
    {
        lock (_turn)
        {
            if (reasons == (_told ?? ""))
                return;
            _told = reasons;
        }

        if (reasons.Length > 0)
            OperationsLog.NotReady(log, reasons);
        else
            OperationsLog.Ready(log);
    }
}
