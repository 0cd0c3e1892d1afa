using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using RoomAgent.Agent.Devices;
using RoomAgent.Hal;
using RoomAgent.Rtp;
using RoomAgent.SFrame;
using RoomAgent.Wire;

namespace RoomAgent.Agent.Media;

/// <summary>The way of a meeting's datagrams to the node. Who owns it gives what comes to <see cref="MediaLoop.Receive"/> and tells <see cref="MediaLoop.HandleNewPath"/>.</summary>
public interface IMediaWay
{
    /// <summary>Sends a datagram; must not block.</summary>
    /// <returns><see langword="false"/> when it was dropped.</returns>
    bool Send(ReadOnlySpan<byte> datagram);

    /// <summary>Learns for how long the node has not shown that it hears us: what comes in says nothing of the way out.</summary>
    void HandleUnheard(TimeSpan unheard);
}

/// <summary>Why a <see cref="MediaLoop"/> ended.</summary>
public enum MediaLoopEnd
{
    /// <summary>Its owner disposed of it.</summary>
    Closed,

    /// <summary>A mistake of ours, which is in the journal.</summary>
    Failed,
}

/// <summary>
/// The one loop of a meeting's media, on a thread of its own: devices on one side, datagrams on the other, a <see cref="MediaSession"/> between them that
/// nobody else touches. Encoded frames, packets and datagrams come in through bounded doors. A mistake of ours ends the loop and nothing else:
/// the session may be in any state then, so that its owner learns of it by <see cref="Ended"/>, disposes of both, and begins anew.
/// </summary>
/// <remarks>
/// <code>
/// camera, microphones -> Frames, Packets -> session -> send
/// Receive -> session -> RemotePictures -> shown
///                    -> RemoteVoice -> mixer -> speaker
/// </code>
/// </remarks>
public sealed class MediaLoop : IDisposable
{
    private const int MostDatagrams = 4_096;
    private const int LargestDatagram = 2_048;
    private const int VoiceBitRate = 50_000; // Opus with its error correction and all headers
    private static readonly TimeSpan s_sound = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan s_inMixer = TimeSpan.FromMilliseconds(15); // half a piece that waits, the fade that is kept back, the limiter
    private static readonly TimeSpan s_onScreen = TimeSpan.FromMilliseconds(20); // decoder, compositor, and half a refresh of the display
    private static readonly TimeSpan s_tidying = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_longestWait = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan s_keyFramePause = TimeSpan.FromMilliseconds(200);

    private readonly MediaSession _session;
    private readonly MediaKeys? _keys;
    private readonly MediaDevices _devices;
    private readonly IMediaWay _way;
    private readonly TimeProvider _clock;
    private readonly ILogger _log;
    private readonly NtpTime _wallAtZero;
    private readonly RemotePictures _pictures;
    private readonly Dictionary<uint, KeyId> _senders = [];
    private readonly Dictionary<uint, RemoteVoice> _voices = [];
    private readonly IVoiceMixer _mixer;
    private readonly short[] _mixed;
    private readonly Handed[] _handed = new Handed[1_024]; // more than decoders and reports can hold
    private readonly ConcurrentQueue<Datagram> _datagrams = new();
    private readonly ConcurrentBag<byte[]> _spare = [];
    private readonly ConcurrentQueue<Work> _work = new();
    private readonly TaskCompletionSource<MediaLoopEnd> _ending = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly AutoResetEvent _bell = new(false);
    private readonly byte[] _datagram = new byte[LargestDatagram];
    private readonly Thread _thread;
    private long _tag;
    private int _waiting;
    private long _crowdedOut;
    private Instant _nextSound;
    private Instant _nextTidying;
    private Instant _keyFrameAsked = new(long.MinValue);
    private volatile bool _stopping;
    private volatile bool _ended;

    /// <summary>Starts the loop.</summary>
    /// <param name="session">The session, which belongs to the loop until it is disposed of, and to the caller afterwards.</param>
    /// <param name="keys">The session's keys, when they change: they are the loop's to handle in the same way. <see langword="null"/> when they stay as they are.</param>
    /// <param name="devices">The devices.</param>
    /// <param name="way">The way to the node, which lives longer than the loop.</param>
    /// <param name="shown">Gets each picture of the others with who sealed it, on the threads that decode, and gives it back.</param>
    /// <param name="clock">The machine's clock.</param>
    /// <param name="log">The journal.</param>
    public MediaLoop(MediaSession session, MediaKeys? keys, MediaDevices devices, IMediaWay way, Action<KeyId, Hal.VideoFrame> shown, TimeProvider clock, ILogger<MediaLoop> log)
    {
        _session = session;
        _keys = keys;
        _devices = devices;
        _way = way;
        _clock = clock;
        _log = log;
        _wallAtZero = NtpTime.Of(clock.GetUtcNow()) + -clock.GetElapsedTime(0);
        _pictures = new RemotePictures(devices.Pictures, devices.Decoders, (tag, picture) => shown(_handed[tag % _handed.Length].Sender, picture), clock, log);
        session.PictureLatency = s_onScreen;
        _mixer = devices.VoiceTools.OpenMixer();
        _mixed = new short[_mixer.MostSamples];
        _nextSound = Now;
        if (devices.Camera is { } camera)
            camera.FrameReady += Ring;
        if (devices.Microphones is { } microphones)
            microphones.PacketReady += Ring;
        if (keys is not null)
            keys.Posted += Ring;
        _thread = new Thread(Run) { IsBackground = true, Name = "media" };
        _thread.Start();
    }

    /// <summary>Datagrams that came while too many waited.</summary>
    public long CrowdedOut => Volatile.Read(ref _crowdedOut);

    /// <summary>Completes when the loop has ended, and says why.</summary>
    public Task<MediaLoopEnd> Ended => _ending.Task;

    private Instant Now => new(_clock.GetElapsedTime(0).Ticks);

    /// <summary>Takes a datagram. Any thread; never blocks.</summary>
    public void Receive(ReadOnlySpan<byte> datagram)
    {
        if (_ended)
            return;
        if (datagram.Length > LargestDatagram || Interlocked.Increment(ref _waiting) > MostDatagrams)
        {
            if (datagram.Length <= LargestDatagram)
                Interlocked.Decrement(ref _waiting);
            Interlocked.Increment(ref _crowdedOut);
            return;
        }

        if (!_spare.TryTake(out byte[]? buffer))
            buffer = new byte[LargestDatagram];
        datagram.CopyTo(buffer);
        _datagrams.Enqueue(new Datagram(buffer, datagram.Length));
        Ring();
    }

    /// <summary>Datagrams take another way from now on. Any thread.</summary>
    public void HandleNewPath()
    {
        _work.Enqueue(new Work((session, _) => session.HandleNewPath(), () => { }));
        Ring();
    }

    /// <summary>Has something done with the session, on the loop. Any thread.</summary>
    /// <returns>What it gave.</returns>
    /// <exception cref="ObjectDisposedException">The loop has ended.</exception>
    public Task<T> AskAsync<T>(Func<MediaSession, Instant, T> what)
    {
        var answer = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        _work.Enqueue(new Work(
            (session, now) =>
            {
                try
                {
                    answer.SetResult(what(session, now));
                }
#pragma warning disable CA1031 // whoever asked gets it; the loop goes on for everyone else
                catch (Exception mistake)
#pragma warning restore CA1031
                {
                    answer.SetException(mistake);
                }
            },
            () => answer.SetException(new ObjectDisposedException(nameof(MediaLoop)))));
        Ring();
        if (_ended)
            RefuseWork();
        return answer.Task;
    }

    /// <summary>Ends the loop. Devices go on until their owner closes them; nobody of the others is seen or heard any more.</summary>
    public void Dispose()
    {
        if (_stopping)
            return;

        if (_devices.Camera is { } camera)
            camera.FrameReady -= Ring;
        if (_devices.Microphones is { } microphones)
            microphones.PacketReady -= Ring;
        if (_keys is not null)
            _keys.Posted -= Ring;
        _stopping = true;
        Ring();
        _thread.Join();
        _pictures.Dispose();
        foreach (RemoteVoice voice in _voices.Values)
            voice.Dispose();
        _voices.Clear();
        Array.Clear(_mixed);
    }

    private void Ring() => _bell.Set();

    private void Run()
    {
        MediaLoopEnd end = MediaLoopEnd.Closed;
        try
        {
            while (!_stopping)
                Turn();
        }
#pragma warning disable CA1031 // whatever it is, it is logged, and whoever owns the loop begins anew
        catch (Exception mistake)
#pragma warning restore CA1031
        {
            _log.MediaMistaken(mistake);
            end = MediaLoopEnd.Failed;
        }

        // What is asked from now on sees that, or is refused here.
        _ended = true;
        Interlocked.MemoryBarrier();
        RefuseWork();
        _ending.SetResult(end);
    }

    private void Turn()
    {
        Instant now = Now;
        _bell.WaitOne(Milliseconds(Instant.Min(_session.PollTimeout, _nextSound) - now));
        now = Now;

        // 1. which keys there are   2. what was asked and what came in   3. what the devices have   4. what is due   5. what goes out
        if (_keys is { } keys && keys.Handle(now))
            _session.HandleNewEpoch();
        while (_work.TryDequeue(out Work work))
            work.Do(_session, now);
        TakeDatagrams(now);
        TakeReports();
        Film(now);
        Speak();
        _session.HandleTimeout(now);
        Watch(now);
        Listen(now);
        ForgetWhoLeft(now);
        while (_session.TryPollDatagram(now, _datagram, out int length))
            _way.Send(_datagram.AsSpan(0, length));
        _way.HandleUnheard(_session.Unheard(now));
    }

    // Rounded up: a wait of nothing before every moment would keep a processor busy.
    private static int Milliseconds(TimeSpan wait) =>
        wait <= TimeSpan.Zero ? 0 : (int)Math.Ceiling((wait < s_longestWait ? wait : s_longestWait).TotalMilliseconds);

    private void RefuseWork()
    {
        while (_work.TryDequeue(out Work work))
            work.Refuse();
    }

    private void TakeDatagrams(Instant now)
    {
        for (int i = 0; i < MostDatagrams && _datagrams.TryDequeue(out Datagram datagram); i++)
        {
            Interlocked.Decrement(ref _waiting);
            _session.HandleDatagram(datagram.Buffer.AsSpan(0, datagram.Length), now);
            _spare.Add(datagram.Buffer);
        }
    }

    private void TakeReports()
    {
        while (_pictures.TryPollReport(out DecodeReport report))
            _session.HandleDecoded(_handed[report.Tag % _handed.Length].Ticket, report.IsDecoded);
    }

    private void Film(Instant now)
    {
        if (_devices.Camera is not { } camera)
            return;

        camera.SetTarget(Math.Max(_session.TargetBitRate - VoiceBitRate, 0));
        while (camera.Frames.TryRead(out EncodedFrame? frame))
        {
            using (frame)
            {
                var timestamp = new RtpTimestamp(unchecked((uint)(frame.CapturedAt.Ticks * 9 / 1_000)));
                _session.SendPicture(FrameContext.Camera, frame.Data, frame.IsKeyFrame, timestamp, _wallAtZero + frame.CapturedAt);
            }
        }

        // One that is on its way answers all who asked in the meantime.
        if (!_session.IsKeyFrameWanted(FrameContext.Camera) || now - _keyFrameAsked < s_keyFramePause)
            return;
        camera.RequestKeyFrame();
        _keyFrameAsked = now;
    }

    private void Speak()
    {
        if (_devices.Microphones is not { } microphones)
            return;

        while (microphones.Packets.TryRead(out VoicePacket? packet))
        {
            using (packet)
            {
                var level = new AudioLevel(packet.Level.Level, packet.Level.Voice);
                _session.SendSound(FrameContext.Audio, packet.Data, new RtpTimestamp(packet.Position), _wallAtZero + packet.CapturedAt, level);
            }
        }
    }

    private void Watch(Instant now)
    {
        while (_session.TryPollFrame(now, out ReceivedFrame frame))
        {
            uint source = frame.Stream.Ssrc.Value;

            // Who is shown is who sent: another sender in the same stream gets another decoder, and no picture builds on one of the sender before.
            if (_senders.TryGetValue(source, out KeyId before) && (before.Leaf, before.Context) != (frame.Sender.Leaf, frame.Sender.Context))
                _pictures.Remove(source);
            _senders[source] = frame.Sender;

            DecodeTicket ticket = frame.Ticket;
            _handed[_tag % _handed.Length] = new Handed(ticket, frame.Sender);
            if (_pictures.TryDecode(source, frame.Data, new TimeSpan(now.Ticks), _tag))
                _tag++;
            else
                _session.HandleDecoded(ticket, isDecodable: false);
        }
    }

    private void Listen(Instant now)
    {
        if (now < _nextSound)
            return;

        // After a long sleep of the machine nobody catches up.
        _nextSound = now - _nextSound > 10 * s_sound ? now + s_sound : _nextSound + s_sound;
        if (_devices.Speaker is not { } speaker)
            return;

        foreach (RemoteStream stream in _session.Streams)
        {
            if (!stream.IsVideo && !_voices.ContainsKey(stream.Ssrc.Value) && _voices.Count < _mixer.MostVoices)
                Add(stream);
        }

        _session.SoundLatency = speaker.Queued + s_inMixer;
        int count = _mixer.Mix(_mixed, speaker.Queued, new TimeSpan(now.Ticks));
        speaker.Play(_mixed.AsSpan(0, count));
    }

    private void Add(RemoteStream stream)
    {
        var voice = new RemoteVoice(_session, stream, _devices.Voices.OpenDecoder());
        _voices.Add(stream.Ssrc.Value, voice);
        _mixer.Add(voice);
    }

    private void ForgetWhoLeft(Instant now)
    {
        if (now < _nextTidying)
            return;

        _nextTidying = now + s_tidying;
        foreach ((uint source, _) in _senders)
        {
            if (!IsThere(source) && _senders.Remove(source))
                _pictures.Remove(source);
        }

        foreach ((uint source, RemoteVoice voice) in _voices)
        {
            if (IsThere(source, voice.Stream))
                continue;

            _voices.Remove(source);
            _mixer.Remove(voice);
            voice.Dispose();
        }
    }

    // A source that was silent for long may be back as another stream.
    private bool IsThere(uint source, RemoteStream? known = null)
    {
        foreach (RemoteStream stream in _session.Streams)
        {
            if (stream.Ssrc.Value == source)
                return known is null || known == stream;
        }

        return false;
    }

    // A picture on its way through a decoder.
    private readonly record struct Handed(DecodeTicket Ticket, KeyId Sender);

    private readonly record struct Work(Action<MediaSession, Instant> Do, Action Refuse);

    private readonly record struct Datagram(byte[] Buffer, int Length);
}
