using System.Security.Cryptography;
using RoomAgent.Wire;

namespace RoomAgent.Hub.Meetings;

/// <summary>Messages of one connection that are too large for it, until they were fetched or said: a few, for a short time.</summary>
internal sealed class Bodies(ByteString connection, SignallingContext context) : IDisposable
{
    private const int TicketSize = 16;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, Waiting> _waiting = [];
    private int _bytes;
    private bool _disposed;

    /// <summary>The longest body: the longest message there is.</summary>
    public const int Longest = RoomAgent.Meetings.Limits.Message;

    /// <summary>The characters of a ticket.</summary>
    public const int TicketLength = 2 * TicketSize;

    /// <summary>The connection, as its requests name it.</summary>
    public string Connection { get; } = connection.ToString();

    /// <summary>Keeps a body.</summary>
    /// <returns>Its ticket; <see langword="null"/> when there are too many.</returns>
    public string? Put(byte[] body)
    {
        lock (_lock)
            return Keep(body.Length, body);
    }

    /// <summary>Keeps room for a body that is about to come, for as long as a body is kept. Nobody reads one for which there is no room.</summary>
    /// <returns>Its ticket, for <see cref="Fill"/>; <see langword="null"/> when there are too many.</returns>
    public string? Reserve(int length)
    {
        lock (_lock)
            return Keep(length, null);
    }

    /// <summary>The body came for which there is room.</summary>
    /// <returns>Whether there still is.</returns>
    public bool Fill(string ticket, byte[] body)
    {
        lock (_lock)
        {
            ForgetOld();
            if (!_waiting.TryGetValue(ticket, out Waiting reserved) || reserved.Body is not null || reserved.Length != body.Length)
                return false;

            _waiting[ticket] = reserved with { Body = body };
            return true;
        }
    }

    /// <summary>Looks at a body.</summary>
    public byte[]? Find(string ticket)
    {
        lock (_lock)
        {
            ForgetOld();
            return _waiting.TryGetValue(ticket, out Waiting found) ? found.Body : null;
        }
    }

    /// <summary>Takes a body out.</summary>
    public byte[]? Take(string ticket)
    {
        lock (_lock)
        {
            ForgetOld();
            if (!_waiting.TryGetValue(ticket, out Waiting found) || found.Body is null)
                return null;

            Remove(ticket, found);
            return found.Body;
        }
    }

    /// <summary>Forgets all.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            _disposed = true;
            _waiting.Clear();
            _bytes = 0;
        }
    }

    private string? Keep(int length, byte[]? body)
    {
        ForgetOld();
        if (_disposed || length is <= 0 or > Longest || _bytes + CostOf(length) > context.Settings.MostWaitingBytes)
            return null;

        string ticket = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(TicketSize));
        _waiting.Add(ticket, new Waiting(length, body, context.Now + context.Settings.BodyLife));
        _bytes += CostOf(length);
        return ticket;
    }

    private void ForgetOld()
    {
        Instant now = context.Now;
        foreach ((string ticket, Waiting waiting) in _waiting)
        {
            if (waiting.Until <= now)
                Remove(ticket, waiting);
        }
    }

    private void Remove(string ticket, Waiting waiting)
    {
        _waiting.Remove(ticket);
        _bytes -= CostOf(waiting.Length);
    }

    // A small one counts like the smallest that needs to come here, so that there are never many.
    private static int CostOf(int length) => Math.Max(length, SignallingSettings.LongestInline);

    private readonly record struct Waiting(int Length, byte[]? Body, Instant Until);
}
