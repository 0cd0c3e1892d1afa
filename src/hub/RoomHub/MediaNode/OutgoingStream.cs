using RoomAgent.Rtp;
using RoomAgent.Rtp.Jitter;
using RoomAgent.Wire;

namespace RoomAgent.Hub.MediaNode;

/// <summary>One stream on its way to one leg: forwarded or not, and numbered so that the receiver sees no gap where the node chose to send nothing.</summary>
/// <remarks>
/// The source stays the sender's, since the node gave it out and it is unique. The number is shifted by an offset that is fixed anew each time
/// forwarding begins, so the roll-over that SRTP counts at both ends stays the same however long the stream was not forwarded.
/// Gaps of the sender's own, which are losses, stay visible. Forwarding begins with the first packet of a frame.
/// </remarks>
internal sealed class OutgoingStream(IncomingStream stream, Leg leg)
{
    private SequenceUnwrapper _incoming;
    // Low enough that the first roll-over is far away: RFC 3711 section 3.3.1 wants the receiver to see it.
    private SequenceNumber _next = new(1);
    private int _offset;
    private long _begin;
    private long _newest;
    private State _state;

    private enum State
    {
        Paused,
        Waiting,
        Running,
    }

    public IncomingStream Stream { get; } = stream;

    public Leg Leg { get; } = leg;

    /// <summary>Whether packets are forwarded, or will be from the next frame on.</summary>
    public bool IsWanted => _state != State.Paused;

    /// <summary>The sender report that was passed on last, by the middle of its time, and when: what a report block refers to.</summary>
    public (uint Middle, Instant PassedOn)? Report { get; set; }

    public uint Packets { get; private set; }

    public uint Bytes { get; private set; }

    /// <summary>What is sent again, which is a stream of its own (RFC 4588).</summary>
    public RetransmissionStream Retransmissions { get; } = new(stream.RetransmissionSsrc, stream.Plan.RetransmissionType, new SequenceNumber(1));

    /// <summary>Begins forwarding with the next frame.</summary>
    /// <returns>Whether it did not already.</returns>
    public bool Resume()
    {
        if (_state != State.Paused)
            return false;

        _state = State.Waiting;
        return true;
    }

    public void Pause() => _state = State.Paused;

    /// <summary>The number under which the packet <paramref name="sequence"/> goes on to the leg.</summary>
    /// <param name="sequence">The sender's number.</param>
    /// <param name="startsFrame">Whether a frame starts with it.</param>
    /// <param name="forwarded">The leg's number.</param>
    /// <returns><see langword="false"/> when it is not forwarded: nobody wants it, or it belongs to what came before.</returns>
    public bool TryNumber(SequenceNumber sequence, bool startsFrame, out SequenceNumber forwarded)
    {
        forwarded = default;
        if (_state == State.Paused || (_state == State.Waiting && !startsFrame))
            return false;

        // Nobody counted during the pause: counting begins anew.
        if (_state == State.Waiting)
            _incoming = default;
        long extended = _incoming.Unwrap(sequence);
        if (_state == State.Waiting)
        {
            _state = State.Running;
            _begin = extended;
            _newest = extended - 1;
            _offset = _next - sequence;
        }

        if (extended < _begin)
            return false;

        forwarded = sequence + _offset;
        if (extended > _newest)
        {
            _newest = extended;
            _next = forwarded.Next;
        }

        return true;
    }

    /// <summary>The sender's number of what the leg knows as <paramref name="forwarded"/>.</summary>
    /// <returns><see langword="false"/> when it was numbered before forwarding last began, or never.</returns>
    public bool TryOriginal(SequenceNumber forwarded, out SequenceNumber sequence)
    {
        sequence = forwarded + -_offset;
        if (_state != State.Running)
            return false;

        long extended = _incoming.Peek(sequence);
        return extended >= _begin && extended <= _newest;
    }

    public void Count(int payload)
    {
        unchecked
        {
            Packets++;
            Bytes += (uint)payload;
        }
    }
}
