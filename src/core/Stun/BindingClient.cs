using RoomAgent.Crypto;
using RoomAgent.Wire;

namespace RoomAgent.Stun;

/// <summary>How long a transaction tries (RFC 8489 sections 6.2.1 and 6.2.2).</summary>
public sealed record BindingSettings
{
    /// <summary>RTO: after that long without an answer the request is sent again, then after twice that, and so on. 500 ms.</summary>
    public TimeSpan FirstTimeout { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>Rc: how often the request is sent at most. 7.</summary>
    public int Requests { get; init; } = 7;

    /// <summary>Rm: how many RTOs one waits after the last request. 16.</summary>
    public int LastWait { get; init; } = 16;

    /// <summary>Ti: how long one waits over a reliable transport, where the request is sent once. 39.5 s.</summary>
    public TimeSpan ReliableTimeout { get; init; } = TimeSpan.FromSeconds(39.5);

    /// <summary>Which integrity attributes a request with a credential carries.</summary>
    public StunIntegrity Integrity { get; init; } = StunIntegrity.Both;
}

/// <summary>How a transaction stands.</summary>
public enum BindingState
{
    /// <summary>None was started.</summary>
    Idle,

    /// <summary>It waits for its answer.</summary>
    Waiting,

    /// <summary>It was answered.</summary>
    Succeeded,

    /// <summary>It was answered with an error, or with something that must be understood and is not.</summary>
    Refused,

    /// <summary>Nothing came.</summary>
    TimedOut,
}

/// <summary>The client of Binding transactions (RFC 8489 section 6.2), one at a time, in the time that it is told.</summary>
/// <remarks>
/// After <see cref="Start"/> or <see cref="HandleTimeout"/> send what <see cref="TryPollTransmit"/> gives. Allocates nothing per transaction.
/// An answer without the right transaction id, fingerprint or integrity is as if it had not come (section 9.1.4): a forger can delay nothing and end nothing.
/// </remarks>
/// <param name="random">Makes the transaction ids.</param>
/// <param name="reliable">Whether the transport repeats by itself: TCP or TLS.</param>
/// <param name="credential">Protects request and answer; the caller disposes of it.</param>
/// <param name="settings">How long to try; the standard's values when none are given.</param>
public sealed class BindingClient(IRandom random, bool reliable, StunCredential? credential = null, BindingSettings? settings = null)
{
    /// <summary>Room that a request needs without its user name.</summary>
    public const int LargestRequest = StunMessage.HeaderSize + 4 + StunCredential.LongestUsername + 24 + 36 + 24 + 8;

    // Long enough to make a request without credential as long as the longest answer to it, IPv6 and FINGERPRINT included.
    private static ReadOnlySpan<byte> Software => "RoomAgent media path"u8;

    private readonly BindingSettings _settings = settings ?? new BindingSettings();
    private StunTransactionId _transactionId;
    private Instant _sentAt;
    private Instant _timeout = Instant.Never;
    private int _sent;
    private bool _transmit;

    /// <summary>How the transaction stands.</summary>
    public BindingState State { get; private set; }

    /// <summary>From request to answer; <see langword="null"/> when the request had to be repeated, since nobody knows which one was answered (Karn).</summary>
    public TimeSpan? RoundTrip { get; private set; }

    /// <summary>Under which address the server saw the request, after success.</summary>
    public StunAddress MappedAddress { get; private set; }

    /// <summary>The error code of a refusal; 0 without one.</summary>
    public int ErrorCode { get; private set; }

    /// <summary>Answers that were not believed, over all transactions.</summary>
    public long Ignored { get; private set; }

    /// <summary>Begins a transaction and forgets the one before.</summary>
    public void Start(Instant now)
    {
        _transactionId = StunTransactionId.Generate(random);
        State = BindingState.Waiting;
        RoundTrip = null;
        MappedAddress = default;
        ErrorCode = 0;
        _sent = 0;
        Send(now);
    }

    /// <summary>When <see cref="HandleTimeout"/> wants to be called; <see cref="Instant.Never"/> when nothing waits.</summary>
    public Instant PollTimeout() => _timeout;

    /// <summary>Time has passed: repeats the request, or gives up.</summary>
    public void HandleTimeout(Instant now)
    {
        if (State != BindingState.Waiting || now < _timeout)
            return;

        if (reliable || _sent >= _settings.Requests)
            End(BindingState.TimedOut);
        else
            Send(now);
    }

    /// <summary>Gives the request when it is to be sent, once.</summary>
    /// <param name="request">Where it is written; <see cref="LargestRequest"/> bytes are enough.</param>
    /// <param name="length">Its bytes.</param>
    /// <exception cref="ArgumentException"><paramref name="request"/> is too short.</exception>
    public bool TryPollTransmit(Span<byte> request, out int length)
    {
        length = 0;
        if (!_transmit)
            return false;

        var writer = new StunWriter(request, StunClass.Request, StunMethod.Binding, _transactionId);
        writer.Write(StunAttributeType.Software, Software);
        if (credential is not null)
        {
            writer.Write(StunAttributeType.Username, credential.Username);
            writer.WriteIntegrity(credential, _settings.Integrity);
        }

        writer.WriteFingerprint();
        if (writer.Failed)
            throw new ArgumentException("The request does not fit.", nameof(request));

        _transmit = false;
        length = writer.Length;
        return true;
    }

    /// <summary>A STUN message came.</summary>
    /// <returns>Whether it ended the transaction.</returns>
    public bool HandleMessage(Instant now, in StunMessage message)
    {
        if (!IsBelieved(message))
        {
            Ignored++;
            return false;
        }

        if (_sent == 1)
            RoundTrip = now - _sentAt;
        if (message.Class == StunClass.ErrorResponse && message.TryReadErrorCode(out int code))
            ErrorCode = code;

        bool understood = message.Class == StunClass.SuccessResponse && message.ListUnknownAttributes([]) == 0;
        bool succeeded = understood && message.TryReadMappedAddress(out StunAddress mapped) && Keep(mapped);
        End(succeeded ? BindingState.Succeeded : BindingState.Refused);
        return true;
    }

    private bool IsBelieved(in StunMessage message)
    {
        if (State != BindingState.Waiting || message.Method != StunMethod.Binding || message.Class is StunClass.Request or StunClass.Indication)
            return false;
        if (message.TransactionId != _transactionId || (message.HasFingerprint && !message.FingerprintMatches))
            return false;

        return credential is null || message.Verify(credential);
    }

    private bool Keep(StunAddress mapped)
    {
        MappedAddress = mapped;
        return true;
    }

    private void Send(Instant now)
    {
        _sent++;
        _sentAt = now;
        _transmit = true;
        _timeout = now + (reliable ? _settings.ReliableTimeout
            : _sent >= _settings.Requests ? _settings.FirstTimeout * _settings.LastWait
            : _settings.FirstTimeout * (1L << Math.Min(_sent - 1, 30)));
    }

    private void End(BindingState state)
    {
        State = state;
        _timeout = Instant.Never;
        _transmit = false;
    }
}
