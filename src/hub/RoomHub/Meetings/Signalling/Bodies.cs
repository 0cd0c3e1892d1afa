using System.Security.Cryptography;
using RoomAgent.Wire;

namespace RoomAgent.Hub.Meetings;

/// <summary>Messages of one connection that are too large for it, until they were fetched or said: a few, for a short time.</summary>
internal sealed class Bodies(ByteString connection, SignallingContext context) : IDisposable
{
    private const int TicketSize = 16;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, (byte[] Body, Instant Until)> _waiting = [];
    private int _bytes;
    private bool _disposed;

    /// <summary>The longest body: the longest message there is.</summary>
    public const int Longest = RoomAgent.Meetings.Limits.Message;

    /// <summary>The connection, as its requests name it.</summary>
    public string Connection { get; } = connection.ToString();

    /// <summary>Keeps a body.</summary>
    /// <returns>Its ticket; <see langword="null"/> when there are too many.</returns>
    public string? Put(byte[] body)
    {
        lock (_lock)
        {
            ForgetOld();
            if (_disposed || body.Length > Longest || _bytes + body.Length > context.Settings.MostWaitingBytes)
                return null;

            string ticket = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(TicketSize));
            _waiting.Add(ticket, (body, context.Now + context.Settings.BodyLife));
            _bytes += body.Length;
            return ticket;
        }
    }

    /// <summary>Looks at a body.</summary>
    public byte[]? Find(string ticket)
    {
        lock (_lock)
        {
            ForgetOld();
            return _waiting.TryGetValue(ticket, out (byte[] Body, Instant Until) found) ? found.Body : null;
        }
    }

    /// <summary>Takes a body out.</summary>
    public byte[]? Take(string ticket)
    {
        lock (_lock)
        {
            ForgetOld();
            if (!_waiting.Remove(ticket, out (byte[] Body, Instant Until) found))
                return null;

            _bytes -= found.Body.Length;
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

    private void ForgetOld()
    {
        Instant now = context.Now;
        foreach ((string ticket, (byte[] body, Instant until)) in _waiting)
        {
            if (until > now)
                continue;

            _waiting.Remove(ticket);
            _bytes -= body.Length;
        }
    }
}
