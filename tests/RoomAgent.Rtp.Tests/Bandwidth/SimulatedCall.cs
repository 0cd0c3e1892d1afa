using RoomAgent.Rtp.Bandwidth;
using RoomAgent.Wire;

namespace RoomAgent.Rtp.Tests.Bandwidth;

/// <summary>An encoder that obeys the estimate, a paced sender, a bottleneck, and a receiver that sends feedback.</summary>
internal sealed class SimulatedCall
{
    private const int PacketSize = 1_200;
    private static readonly TimeSpan s_frame = TimeSpan.FromMilliseconds(1000 / 30.0);

    private readonly VirtualTime _time = new();
    private readonly SentPackets _sent = new(new SequenceNumber(65_000));
    private readonly FeedbackRecorder _recorder = new();
    private readonly PacingBudget _pacing;
    private readonly Queue<int> _waiting = new();
    private readonly byte[] _information = new byte[1_200];
    private Instant _nextFrame;

    public SimulatedCall(int seed, BandwidthSettings? settings = null)
    {
        Forward = new SimulatedLink<(SequenceNumber, int)>(seed);
        Back = new SimulatedLink<byte[]>(seed + 1);
        Estimator = new BandwidthEstimator(settings);
        _pacing = new PacingBudget(Estimator.Target);
        _nextFrame = _time.Now;
    }

    public SimulatedLink<(SequenceNumber Sequence, int Size)> Forward { get; }

    public SimulatedLink<byte[]> Back { get; }

    public BandwidthEstimator Estimator { get; }

    /// <summary>What the encoder makes at most, whatever it may.</summary>
    public int EncoderLimit { get; set; } = int.MaxValue;

    public List<TimeSpan> Queues { get; } = [];

    public List<int> Targets { get; } = [];

    public TimeSpan Elapsed => _time.Now - new Instant(1_000 * TimeSpan.TicksPerSecond);

    /// <summary>The greatest queue that all but a twentieth of the packets found.</summary>
    public TimeSpan UsualQueue => Queues.Order().ElementAt(Queues.Count * 95 / 100);

    public double AverageTarget => Targets.Average();

    public void Run(TimeSpan duration)
    {
        Queues.Clear();
        Targets.Clear();
        Instant end = _time.Now + duration;
        while (_time.Now < end)
        {
            Instant next = Instant.Min(Instant.Min(Forward.NextArrival, Back.NextArrival), Instant.Min(_nextFrame, end));
            next = Instant.Min(next, Instant.Min(_recorder.PollTimeout, Estimator.PollTimeout));
            if (_waiting.Count > 0)
                next = Instant.Min(next, _pacing.NextSend);

            _time.JumpTo(next);
            Step(_time.Now);
        }
    }

    private void Step(Instant now)
    {
        while (Forward.TryReceive(now, out (SequenceNumber Sequence, int Size) packet))
            _recorder.Handle(packet.Sequence, packet.Size, now);

        while (_recorder.TryPoll(now, _information, out int length))
            Back.Send(_information[..length], length, now);

        while (Back.TryReceive(now, out byte[] feedback))
        {
            Assert.True(TransportWideFeedback.TryRead(feedback, out TransportWideFeedback read));
            Estimator.HandleFeedback(_sent.Handle(read), now);
        }

        Estimator.HandleTimeout(now);
        _pacing.HandleTarget(Estimator.Target);
        Encode(now);
        while (_waiting.Count > 0 && _pacing.MaySend(now))
            Send(_waiting.Dequeue(), now);
    }

    private void Encode(Instant now)
    {
        if (now < _nextFrame)
            return;

        _nextFrame += s_frame;
        Targets.Add(Estimator.Target);
        for (int left = (int)(Math.Min(Estimator.Target, EncoderLimit) * s_frame.TotalSeconds / 8); left > 0; left -= PacketSize)
            _waiting.Enqueue(Math.Min(left, PacketSize));
    }

    private void Send(int size, Instant now)
    {
        Queues.Add(Forward.Queue(now));
        Forward.Send((_sent.Add(size, now), size), size, now);
        _pacing.HandleSent(size, now);
        Estimator.HandleSent(now);
    }
}
