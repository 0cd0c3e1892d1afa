using System.Collections.Concurrent;
using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using RoomAgent.Agent.Meetings;
using RoomAgent.Agent.Ports;
using RoomAgent.Agent.Room;
using RoomAgent.Crypto;
using RoomAgent.Hal;
using RoomAgent.Mls;
using RoomAgent.Rtp;
using RoomAgent.SFrame;
using RoomAgent.Wire;

namespace RoomAgent.Agent.Media;

/// <summary>What the media of a meeting needs of the house.</summary>
public sealed record CallMediaParts
{
    /// <summary>The devices.</summary>
    public required MediaDevices Devices { get; init; }

    /// <summary>Opens ways to a node.</summary>
    public required IMediaPaths Paths { get; init; }

    /// <summary>The primitives.</summary>
    public required ICryptoProvider Crypto { get; init; }

    /// <summary>Where chance comes from.</summary>
    public required IRandom Random { get; init; }

    /// <summary>Gets each picture of the others with who sealed it, on the threads that decode, and gives it back.</summary>
    public required Action<KeyId, VideoFrame> Shown { get; init; }

    /// <summary>The limits of a session.</summary>
    public MediaSettings Settings { get; init; } = new();
}

/// <summary>
/// The media of one meeting: offers a leg to the node, binds session, loop and way, and begins anew when one of them ends or the hub says so. The group does not notice.
/// On the room's loop; what comes from elsewhere goes through its door.
/// </summary>
internal sealed class CallMedia : IAsyncDisposable
{
    private static readonly HashSet<FrameContext> s_sends = [FrameContext.Audio, FrameContext.Camera];
    private static readonly TimeSpan s_firstPause = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan s_longestPause = TimeSpan.FromSeconds(8);
    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan s_speaks = TimeSpan.FromSeconds(1);

    private readonly CallMediaParts _parts;
    private readonly MediaKeys _keys;
    private readonly Func<ReadOnlyMemory<byte>, CancellationToken, Task<MediaAnswer>> _offer;
    private readonly Action<Action> _post;
    private readonly TimeProvider _clock;
    private readonly ILoggerFactory _logs;
    private readonly ILogger _log;
    private readonly CancellationTokenSource _over = new();
    private readonly ConcurrentDictionary<int, PictureTally> _pictures = new();
    private Leg? _leg;
    private bool _isOffering;
    private bool _isWanted;
    private int _failures;
    private Instant _again = Instant.Never;
    private Instant _lookAt = Instant.Never;
    private string _transport = "";
    private MediaStatus _status = new();

    public CallMedia(
        CallMediaParts parts, MediaKeys keys, Func<ReadOnlyMemory<byte>, CancellationToken, Task<MediaAnswer>> offer, Action<Action> post, TimeProvider clock, ILoggerFactory logs)
    {
        (_parts, _keys, _offer, _post, _clock, _logs) = (parts, keys, offer, post, clock, logs);
        _log = logs.CreateLogger<CallMedia>();
    }

    /// <summary>How media travels; looked up twice a second.</summary>
    public MediaStatus Status => _status;

    /// <summary>When <see cref="HandleTimeout"/> wants to be called.</summary>
    public Instant PollTimeout => Instant.Min(_again, _lookAt);

    private Instant Now => new(_clock.GetElapsedTime(0).Ticks);

    /// <summary>Takes a change of the meeting's keys. While no loop has them nobody else does, and what was removed goes at once.</summary>
    public void HandleKeys(KeyChange change)
    {
        _keys.Post(change);
        if (_leg is null)
            _keys.Handle(Now);
    }

    /// <summary>A member is gone; its leaf may be somebody else's from now on.</summary>
    public void Forget(LeafIndex leaf) => _pictures.TryRemove((int)leaf.Value, out _);

    /// <summary>Wants media from now on: we are in the meeting and the hub listens.</summary>
    public void Want()
    {
        if (_isWanted)
            return;

        _isWanted = true;
        Offer();
    }

    /// <summary>The hub is not reached, so that nothing can be offered; the leg there is goes on for as long as the node has it.</summary>
    public void HandleDisconnected()
    {
        _isWanted = false;
        _again = Instant.Never;
    }

    /// <summary>The leg is over, or needs new keys.</summary>
    public void HandleOfferWanted()
    {
        if (_isWanted)
            Offer();
    }

    public void HandleTimeout(Instant now)
    {
        if (_again <= now)
        {
            _again = Instant.Never;
            Offer();
        }

        if (_lookAt <= now)
        {
            _lookAt = now + s_look;
            _ = LookAsync();
        }
    }

    /// <summary>Ends the media. Devices stay as they are.</summary>
    public async ValueTask DisposeAsync()
    {
        _isWanted = false;
        await _over.CancelAsync().ConfigureAwait(false);
        if (Interlocked.Exchange(ref _leg, null) is { } leg)
            await leg.DisposeAsync().ConfigureAwait(false);
        _keys.Dispose();
        _over.Dispose();
    }

    private void Offer()
    {
        if (_isOffering || _over.IsCancellationRequested)
            return;

        _isOffering = true;
        _ = OfferAsync(_over.Token);
    }

    private async Task OfferAsync(CancellationToken cancel)
    {
        var negotiation = new MediaNegotiation(_parts.Random, new SuitePolicy(), s_sends);
        MediaAnswer answer;
        using (Secret offer = negotiation.WriteOffer())
        {
            byte[] bytes = offer.Bytes.ToArray();
            try
            {
                answer = await _offer(bytes, cancel).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                answer = new MediaAnswer(null, "given up");
            }
            finally
            {
                CryptographicOperations.ZeroMemory(bytes);
            }
        }

        _post(() => TakeAnswer(negotiation, answer));
    }

    private void TakeAnswer(MediaNegotiation negotiation, MediaAnswer answer)
    {
        _isOffering = false;
        string? problem = answer.Refusal ?? "no answer";
        if (answer.Answer is { } text)
        {
            problem = negotiation.TryAccept(text, out MediaPlan? plan);
            CryptographicOperations.ZeroMemory(text);
            if (problem is null && !_over.IsCancellationRequested)
            {
                Begin(negotiation, plan!);
                return;
            }
        }

        negotiation.Dispose();
        if (!_isWanted || _over.IsCancellationRequested)
            return;

        _log.OfferRefused(problem ?? "");
        TimeSpan pause = s_firstPause * Math.Pow(2, Math.Min(_failures++, 8));
        _again = Now + (pause < s_longestPause ? pause : s_longestPause);
    }

    // Frames and keys have one taker: the loop before ends first.
    private void Begin(MediaNegotiation negotiation, MediaPlan plan)
    {
        _failures = 0;
        if (_leg is { } former)
        {
            _leg = null;
            former.End();
            _ = former.DisposeAsync().AsTask();
        }

        var session = new MediaSession(plan, _keys, _parts.Crypto, _parts.Settings);
        var leg = new Leg(negotiation, session);
        leg.Begin(
            _parts.Paths.Open(negotiation.Transports, leg.Receive, transport => HandlePath(leg, transport)),
            () => new MediaLoop(session, _keys, _parts.Devices, leg, Show, _clock, _logs.CreateLogger<MediaLoop>()));
        _leg = leg;
        _lookAt = Now + s_look;
        _ = WatchAsync(leg);
    }

    private void HandlePath(Leg leg, string transport)
    {
        leg.HandleNewPath();
        _post(() =>
        {
            if (_leg == leg)
                _transport = transport;
        });
    }

    private async Task WatchAsync(Leg leg)
    {
        if (await leg.Ended.ConfigureAwait(false) == MediaLoopEnd.Closed)
            return;

        // A mistake of ours: everything of this leg is given up, and another begins.
        _post(() =>
        {
            if (_leg != leg)
                return;

            _leg = null;
            _status = new MediaStatus();
            _ = leg.DisposeAsync().AsTask();
            _again = Now + s_firstPause;
        });
    }

    private void Show(KeyId sender, VideoFrame picture)
    {
        // That somebody is seen now is told at once.
        if (_pictures.GetOrAdd(sender.Leaf, static _ => new PictureTally()).Add(Now))
            _post(() => _ = LookAsync());
        _parts.Shown(sender, picture);
    }

    private async Task LookAsync()
    {
        if (_leg is not { } leg)
            return;

        try
        {
            (MediaStatus status, bool needsKeys) = await leg.AskAsync(Look).ConfigureAwait(false);
            _post(() =>
            {
                if (_leg != leg)
                    return;

                _status = status with { Transport = _transport, Encoder = Encoder };
                if (needsKeys)
                    HandleOfferWanted();
            });
        }
        catch (ObjectDisposedException)
        {
            // It has ended meanwhile.
        }
    }

    private string Encoder => _parts.Devices.Camera?.Quality is { } quality
        ? $"{quality.Encoder}, {(quality.IsHardware ? "hardware" : "software")}, {quality.Format.Width}x{quality.Format.Height}"
        : "";

    private (MediaStatus Status, bool NeedsKeys) Look(MediaSession session, Instant now)
    {
        var streams = new List<StreamStatus>();
        foreach (RemoteStream stream in session.Streams)
        {
            if (stream.Sender is not { } sender)
                continue;

            if (!stream.IsVideo)
                streams.Add(new StreamStatus(sender.Leaf, IsVideo: false, stream.Jitter.Played, stream.Jitter.Lost) { IsSpeaking = now - stream.LastLoud < s_speaks });
            else if (_pictures.TryGetValue(sender.Leaf, out PictureTally? tally))
                streams.Add(new StreamStatus(sender.Leaf, IsVideo: true, tally.Count, stream.Jitter.Lost) { LongestPause = tally.LongestPause(now) });
            else
                streams.Add(new StreamStatus(sender.Leaf, IsVideo: true, 0, stream.Jitter.Lost));
        }

        // Those whose epoch never came are among them: a service that keeps a commit back shows here first.
        long undecryptable = session.FramesWithoutEpoch;
        foreach (OpenOutcome outcome in Enum.GetValues<OpenOutcome>())
        {
            if (outcome is not (OpenOutcome.Opened or OpenOutcome.KeyAhead))
                undecryptable += session.Frames(outcome);
        }

        var status = new MediaStatus
        {
            TargetBitRate = session.TargetBitRate,
            RoundTrip = session.RoundTrip,
            PicturesSent = session.Counters.PicturesSent,
            SoundsSent = session.Counters.SoundsSent,
            Undecryptable = undecryptable,
            Streams = streams,
        };
        return (status, session.NeedsNewHopKey);
    }

    // One leg to the node: what was agreed on, the way, and the loop between them.
    private sealed class Leg(MediaNegotiation negotiation, MediaSession session) : IMediaWay, IAsyncDisposable
    {
        private IOpenMediaWay? _way;
        private MediaLoop? _loop;
        private bool _hasPath;

        public Task<MediaLoopEnd> Ended => _loop!.Ended;

        public void Begin(IOpenMediaWay way, Func<MediaLoop> begin)
        {
            // The way first: what the loop says first is what tells the node where we are. And a path may be there before the loop that has to hear of it.
            Volatile.Write(ref _way, way);
            MediaLoop loop = begin();
            Interlocked.Exchange(ref _loop, loop);
            if (Volatile.Read(ref _hasPath))
                loop.HandleNewPath();
        }

        // A datagram that comes before the loop is there is one that was lost.
        public void Receive(ReadOnlySpan<byte> datagram) => Volatile.Read(ref _loop)?.Receive(datagram);

        public void HandleNewPath()
        {
            Interlocked.Exchange(ref _hasPath, true);
            Volatile.Read(ref _loop)?.HandleNewPath();
        }

        public bool Send(ReadOnlySpan<byte> datagram) => Volatile.Read(ref _way)?.Send(datagram) ?? false;

        public void HandleUnheard(TimeSpan unheard) => Volatile.Read(ref _way)?.HandleUnheard(unheard);

        public Task<T> AskAsync<T>(Func<MediaSession, Instant, T> what) => _loop!.AskAsync(what);

        public void End() => _loop!.Dispose();

        public async ValueTask DisposeAsync()
        {
            End();
            await _way!.DisposeAsync().ConfigureAwait(false);
            session.Dispose();
            negotiation.Dispose();
        }
    }
}
