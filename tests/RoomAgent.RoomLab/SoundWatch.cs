using System.Collections.Concurrent;
using RoomAgent.Hal;
using RoomAgent.Hal.Simulated;

namespace RoomAgent.RoomLab;

/// <summary>Beeps once a second into a microphone and listens for it at a speaker: how late is what people hear?</summary>
internal sealed class SoundWatch : IDisposable
{
    private const int Loud = 4_000;
    private static readonly TimeSpan s_piece = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan s_quiet = TimeSpan.FromMilliseconds(300);

    private readonly SimulatedSpeaker _speaker;
    private readonly ConcurrentQueue<TimeSpan> _said = new();
    private readonly ConcurrentQueue<double> _latencies = new();
    private readonly Thread _thread;
    private volatile bool _stopping;

    /// <summary>Begins to listen.</summary>
    /// <param name="speaker">Where the sound comes out.</param>
    public SoundWatch(SimulatedSpeaker speaker)
    {
        _speaker = speaker;
        Microphones = new Tap(this);
        _thread = new Thread(Listen) { IsBackground = true, Name = "ear" };
        _thread.Start();
    }

    /// <summary>What hears the beeps.</summary>
    public IMicrophoneArray Microphones { get; }

    /// <summary>Times at which the speaker had nothing to play.</summary>
    public long Underruns => _speaker.Underruns;

    /// <summary>Milliseconds from the microphone to the speaker, of each beep since this was asked last.</summary>
    public double[] Take()
    {
        List<double> taken = [];
        while (_latencies.TryDequeue(out double latency))
            taken.Add(latency);
        return [.. taken];
    }

    public void Dispose()
    {
        _stopping = true;
        _thread.Join();
    }

    private void Listen()
    {
        TimeSpan at = TimeProvider.System.GetElapsedTime(0);
        short[] piece = new short[IMicrophoneArray.SampleRate / 100];
        var onset = new Onset();
        while (!_stopping)
        {
            TimeSpan now = TimeProvider.System.GetElapsedTime(0);
            if (now - at > TimeSpan.FromSeconds(5))
                at = now;
            if (now < at + s_piece + s_piece || !_speaker.TryListen(at, piece))
            {
                Thread.Sleep(5);
                continue;
            }

            if (onset.Find(piece, at) is { } heard)
                Match(heard);
            at += s_piece;
        }
    }

    private void Match(TimeSpan heard)
    {
        while (_said.TryDequeue(out TimeSpan said))
        {
            if (heard - said is var latency && latency > TimeSpan.Zero && latency < TimeSpan.FromSeconds(0.9))
            {
                _latencies.Enqueue(latency.TotalMilliseconds);
                return;
            }
        }
    }

    // Where sound begins after a silence.
    private struct Onset
    {
        private TimeSpan _lastLoud;

        public TimeSpan? Find(ReadOnlySpan<short> samples, TimeSpan at)
        {
            for (int i = 0; i < samples.Length; i++)
            {
                if (Math.Abs((int)samples[i]) < Loud)
                    continue;

                TimeSpan time = at + TimeSpan.FromSeconds((double)i / IMicrophoneArray.SampleRate);
                bool begins = time - _lastLoud > s_quiet;
                _lastLoud = at + TimeSpan.FromSeconds((double)samples.Length / IMicrophoneArray.SampleRate);
                return begins ? time : null;
            }

            return null;
        }
    }

    private sealed class Tap(SoundWatch watch) : IMicrophoneArray
    {
        private readonly SimulatedMicrophones _microphones = new(@"lavfi:aevalsrc=exprs='0.5*sin(2*PI*1000*t)*lt(mod(t\,1)\,0.05)':sample_rate=48000:nb_samples=480");
        private Onset _onset;

        public string Name => _microphones.Name;

        public bool IsRunning => _microphones.IsRunning;

        public int Channels => _microphones.Channels;

        public IReadOnlyList<(float X, float Y)> Positions => _microphones.Positions;

        public string Problem => _microphones.Problem;

        public DeviceOutcome Start() => _microphones.Start();

        public DeviceOutcome Read(Span<short> samples, TimeSpan patience, out TimeSpan capturedAt)
        {
            DeviceOutcome outcome = _microphones.Read(samples, patience, out capturedAt);
            if (outcome == DeviceOutcome.Done && _onset.Find(samples, capturedAt) is { } said)
                watch._said.Enqueue(said);
            return outcome;
        }

        public void Stop() => _microphones.Stop();

        public void Dispose() => _microphones.Dispose();
    }
}
