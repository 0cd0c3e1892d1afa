using RoomAgent.Rtp.Jitter;
using RoomAgent.Rtp.Tests.Bandwidth;
using RoomAgent.Wire;

namespace RoomAgent.Rtp.Tests.Jitter;

/// <summary>An encoder at 30 fps, a lossy network, a jitter buffer with NACK, and a decoder that knows what builds on what.</summary>
internal sealed class VideoScene
{
    private static readonly TimeSpan s_frame = TimeSpan.FromMilliseconds(1000 / 30.0);

    private readonly record struct Packet(int Sequence, int Frame, bool Starts, bool Ends, bool Key, bool Repaired);

    private readonly record struct Request(int Sequence);

    private readonly VirtualTime _time = new();
    private readonly VideoJitterBuffer _buffer;
    // Whether packets say what is a key frame; sealed ones do not.
    private readonly bool _open;
    private readonly SimulatedLink<Packet> _forward;
    private readonly SimulatedLink<Request> _back;
    private readonly Dictionary<int, Packet> _sent = [];
    private readonly Dictionary<uint, (int Frame, bool Key)> _frames = [];
    private readonly SequenceNumber[] _asked = new SequenceNumber[64];
    private int _sequence;
    private int _decoded = -1;
    private bool _keyFrameWanted = true;

    public VideoScene(VideoJitterBuffer buffer, double loss, TimeSpan roundTrip, bool open)
    {
        _buffer = buffer;
        _open = open;
        _forward = new SimulatedLink<Packet>(1) { Loss = loss, Delay = roundTrip / 2, BitRate = 8_000_000, Jitter = TimeSpan.FromMilliseconds(4) };
        _back = new SimulatedLink<Request>(2) { Loss = loss, Delay = roundTrip / 2 };
        _buffer.HandleRoundTrip(roundTrip);
        Nack.HandleRoundTrip(roundTrip);
    }

    public NackGenerator Nack { get; } = new();

    public bool AnswersNack { get; init; } = true;

    public int Encoded { get; private set; }

    public int Decoded { get; private set; }

    public void Run(TimeSpan duration)
    {
        Instant end = _time.Now + duration;
        Instant nextFrame = _time.Now;
        while (_time.Now < end)
        {
            Instant next = Instant.Min(Instant.Min(_forward.NextArrival, _back.NextArrival), Instant.Min(nextFrame, Nack.PollTimeout));
            _time.JumpTo(Instant.Min(next, _buffer.PollTimeout));
            Instant now = _time.Now;

            while (_forward.TryReceive(now, out Packet packet))
                Receive(packet, now);
            while (_back.TryReceive(now, out Request request))
                Answer(request, now);
            while (Nack.TryPoll(now, _asked, out int count))
            {
                foreach (SequenceNumber sequence in _asked.AsSpan(0, count))
                    _back.Send(new Request(sequence.Value), 60, now);
            }

            if (_buffer.TryPollKeyFrameRequest(now))
                _back.Send(new Request(-1), 60, now);
            while (_buffer.TryPoll(now, out VideoFrame frame))
                Decode(frame);

            if (now >= nextFrame)
            {
                Encode(now);
                nextFrame += s_frame;
            }
        }
    }

    private void Encode(Instant now)
    {
        bool key = _keyFrameWanted;
        int packets = key ? 20 : 6;
        for (int i = 0; i < packets; i++)
        {
            var packet = new Packet(_sequence++ & 0xffff, Encoded, i == 0, i == packets - 1, key, Repaired: false);
            _sent[packet.Sequence] = packet;
            _forward.Send(packet, 1_200, now);
        }

        _frames[TimestampOf(Encoded).Value] = (Encoded, key);
        Encoded++;
        _keyFrameWanted = false;
    }

    private void Answer(Request request, Instant now)
    {
        if (request.Sequence < 0)
            _keyFrameWanted = true;
        else if (AnswersNack)
            _forward.Send(_sent[request.Sequence] with { Repaired = true }, 1_200, now);
    }

    private void Receive(Packet packet, Instant now)
    {
        var sequence = new SequenceNumber((ushort)packet.Sequence);
        Nack.Handle(sequence, now);
        _buffer.Handle(sequence, TimestampOf(packet.Frame), new VideoPacket(packet.Starts, packet.Ends, _open ? packet.Key : null, packet.Repaired), [1], now);
    }

    private void Decode(in VideoFrame frame)
    {
        (int number, bool key) = _frames[frame.Timestamp.Value];
        bool decodable = key || number == _decoded + 1;
        if (decodable)
        {
            _decoded = number;
            Decoded++;
            Nack.ForgetBefore(frame.First);
        }

        _buffer.HandleOutcome(frame, decodable);
    }

    private static RtpTimestamp TimestampOf(int frame) => new(unchecked(0xffff_0000 + (uint)(frame * 3_000)));
}
