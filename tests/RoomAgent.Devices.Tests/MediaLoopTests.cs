using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using RoomAgent.Agent.Devices;
using RoomAgent.Agent.Media;
using RoomAgent.Agent.Tests.Media;
using RoomAgent.Hal.Media;
using RoomAgent.Hal.Media.Audio;
using RoomAgent.Hal.Simulated;
using RoomAgent.Rtp;
using RoomAgent.Rtp.Srtp;
using RoomAgent.SFrame;
using RoomAgent.Wire;

namespace RoomAgent.Devices.Tests;

/// <summary>The media loop at its limits: on a session with real keys, whose node is the test.</summary>
public sealed class MediaLoopTests : IDisposable
{
    private static readonly byte[] s_silence = [0xf8, 0xff, 0xfe]; // Opus, RFC 6716: 20 ms in which nothing is said

    // More voices than a mixer takes.
    private readonly Pair _pair = new(hasKeys: false, settings: new MediaSettings { Voices = 36 });
    private readonly SpeakerLoop _speaker = new(
        new SimulatedSpeaker(TimeProvider.System, new SpeakerSimulation()), 1, new PlayedSound(), new DevicePatience(), TimeProvider.System, NullLogger<SpeakerLoop>.Instance);

    private readonly SrtpSender _node;
    private readonly Way _way = new();
    private readonly Journal<MediaLoop> _journal = new();
    private readonly byte[] _packet = new byte[2_048];
    private readonly MediaLoop _loop;

    public MediaLoopTests()
    {
        _pair.Now = new Instant(TimeProvider.System.GetElapsedTime(0).Ticks);
        _pair.Merge(1);
        _node = _pair.Node();
        var devices = new MediaDevices { Pictures = new FfmpegVideoCodecs(), Voices = new OpusCodecs(), VoiceTools = new VoiceTools(), Speaker = _speaker };
        _loop = new MediaLoop(_pair.Receiver, keys: null, devices, _way, (_, picture) => picture.Dispose(), TimeProvider.System, _journal);
    }

    public void Dispose()
    {
        _loop.Dispose();
        _speaker.Dispose();
        _node.Dispose();
        _pair.Dispose();
    }

    [Fact]
    public async Task WhoAsksForAMistakeGetsItAndTheLoopGoesOn()
    {
        Task<int> mistaken = _loop.AskAsync<int>((_, _) => throw new InvalidOperationException("a mistake of who asks"));

        var mistake = await Assert.ThrowsAsync<InvalidOperationException>(() => mistaken);
        Assert.Equal("a mistake of who asks", mistake.Message);
        Assert.Equal(7, await _loop.AskAsync((_, _) => 7));
        Assert.False(_loop.Ended.IsCompleted);
        Assert.Empty(_journal.Lines);
    }

    [Fact]
    public async Task AfterItsEndEveryQuestionIsRefusedAndDatagramsAreNoMistake()
    {
        _loop.Dispose();

        await Assert.ThrowsAsync<ObjectDisposedException>(() => _loop.AskAsync((_, _) => 7));
        _loop.Receive(new byte[100]);
        _loop.HandleNewPath();
        _loop.Dispose();
        Assert.Equal(MediaLoopEnd.Closed, await _loop.Ended);
    }

    [Fact]
    public async Task NoQuestionIsLeftWithoutAnAnswerWhileItEnds()
    {
        using var begin = new Barrier(3);
        Task<Task<int>[]>[] askers = [.. Enumerable.Range(0, 2).Select(_ => Task.Run(() =>
        {
            begin.SignalAndWait(TestContext.Current.CancellationToken);
            return Enumerable.Range(0, 20_000).Select(i => _loop.AskAsync((_, _) => i)).ToArray();
        }))];
        begin.SignalAndWait(TestContext.Current.CancellationToken);
        _loop.Dispose();

        Task<int>[] answers = [.. (await Task.WhenAll(askers)).SelectMany(asked => asked)];

        await Task.WhenAll(answers).ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default).WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
        Assert.All(answers, answer => Assert.True(answer.IsCompletedSuccessfully || answer.Exception!.InnerException is ObjectDisposedException));
    }

    [Fact]
    public async Task AFloodIsCountedAndCostsNoMoreThanItsQueue()
    {
        using var held = new ManualResetEventSlim();
        using var gate = new ManualResetEventSlim();
        Task<int> busy = _loop.AskAsync((_, _) =>
        {
            held.Set();
            gate.Wait(TestContext.Current.CancellationToken);
            return 0;
        });
        held.Wait(TestContext.Current.CancellationToken);

        // While the loop is busy there is room for so many; what is larger than any datagram of ours never gets in.
        for (int i = 0; i < 4_096 + 1_000; i++)
            _loop.Receive(new byte[100]);
        for (int i = 0; i < 10; i++)
            _loop.Receive(new byte[2_049]);
        Assert.Equal(1_010, _loop.CrowdedOut);

        gate.Set();
        await busy;
        long received = 0;
        Waiting.Until(() => (received = Ask(session => session.Counters.Received)) == 4_096, "the datagrams that got in");
        _loop.Receive(new byte[100]);
        Waiting.Until(() => Ask(session => session.Counters.Received) == 4_097, "one more");
        Assert.Equal(1_010, _loop.CrowdedOut);
    }

    [Fact]
    public void MoreVoicesThanThereIsRoomForAreLeftOutAndTheLoopGoesOn()
    {
        _speaker.Open();
        Waiting.Until(() => _speaker.Status.State == DeviceState.Running, "the speaker");
        for (ushort number = 1; number <= 20; number++)
        {
            for (uint voice = 0; voice < 40; voice++)
                Receive(new Ssrc(4_000_000 + voice), Pair.Types.Audio, number, s_silence);
        }

        Waiting.Until(() => Ask(session => session.Counters.Received) == 800, "all packets");
        Assert.Equal(36, Ask(session => session.Streams.Count(stream => !stream.IsVideo)));
        Assert.Equal(4 * 20, Ask(session => session.Counters.NoPlace));

        // The mixer asks those that it has room for, and nobody else.
        Waiting.Until(() => Ask(session => session.Streams.Count(stream => stream.Jitter.Concealed > 0)) == 32, "voices that are missed once they end");
        Assert.Equal(32, new VoiceTools().OpenMixer().MostVoices);
        Assert.False(_loop.Ended.IsCompleted);
    }

    [Fact]
    public async Task AMistakeOfOursEndsTheLoopAndIsSaidToItsOwner()
    {
        _way.IsBroken = true;

        Assert.Equal(MediaLoopEnd.Failed, await _loop.Ended.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken));

        Journal.Line line = Assert.Single(_journal.Lines);
        Assert.Equal(LogLevel.Error, line.Level);
        Assert.Equal("a mistake of the test's", line.Mistake!.Message);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => _loop.AskAsync((_, _) => 7));
        for (int i = 0; i < 10_000; i++)
            _loop.Receive(new byte[100]);
        Assert.Equal(0, _loop.CrowdedOut);
    }

    private T Ask<T>(Func<MediaSession, T> what) => _loop.AskAsync((session, _) => what(session)).GetAwaiter().GetResult();

    private void Receive(Ssrc source, byte type, ushort number, ReadOnlySpan<byte> text)
    {
        byte whole = new SFrameDescriptor(Start: true, End: true, Packetized: true).ToByte();
        var header = new RtpHeader { PayloadType = type, Sequence = new SequenceNumber(number), Timestamp = new RtpTimestamp(number * 960u), Ssrc = source };
        header = header with { Length = header.Write(_packet) };
        byte[] payload = [whole, .. _pair.Seal(FrameContext.Audio, 0, 1, text)];
        Assert.True(_node.TryProtect(_packet, header, payload, out int length));
        _loop.Receive(_packet.AsSpan(0, length));
    }

    private sealed class Way : IMediaWay
    {
        private volatile bool _isBroken;

        public bool IsBroken { get => _isBroken; set => _isBroken = value; }

        public bool Send(ReadOnlySpan<byte> datagram) => true;

        public void HandleUnheard(TimeSpan unheard)
        {
            if (IsBroken)
                throw new InvalidOperationException("a mistake of the test's");
        }
    }
}
