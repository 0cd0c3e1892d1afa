using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using RoomAgent.Agent.Devices;
using RoomAgent.Agent.Media;
using RoomAgent.Crypto;
using RoomAgent.Hal;
using RoomAgent.Hal.Media;
using RoomAgent.Hal.Media.Audio;
using RoomAgent.Hal.Simulated;
using RoomAgent.Hub.MediaNode;
using RoomAgent.Native.OpenSsl;
using RoomAgent.Net;
using RoomAgent.Rtp;
using RoomAgent.SFrame;
using RoomAgent.Wire;

namespace RoomAgent.RoomLab;

/// <summary>Two rooms and a media node between them: one has camera and microphones, the other display and speaker.</summary>
internal sealed class NodeLab : ILab, IAsyncDisposable
{
    private static readonly ConferenceId s_conference = new(new Guid("b7a1f2a0-0b5c-4b0e-9a60-9b8a5c1d7e42"));

    private readonly MediaNode _node;
    private readonly Leg _speaking;
    private readonly Leg _listening;
    private readonly CameraLoop _camera;
    private readonly MicrophoneLoop _microphones;
    private readonly SpeakerLoop _speaker;
    private readonly ScreenLoop _screen;
    private readonly Timer _renewal;

    private NodeLab(MediaNode node, Leg speaking, Leg listening, VideoFormat format)
    {
        var codecs = new FfmpegVideoCodecs();
        var voices = new OpusCodecs();
        var tools = new VoiceTools();
        TimeProvider clock = TimeProvider.System;
        (_node, _speaking, _listening) = (node, speaking, listening);
        (_screen, Display, Pictures) = Rooms.Screen();

        var heard = new SimulatedSpeaker(clock, new SpeakerSimulation { Buffer = TimeSpan.FromMilliseconds(200) });
        Sound = new SoundWatch(heard);
        _speaker = new SpeakerLoop(heard, 1, new PlayedSound(), new DevicePatience(), clock, NullLogger<SpeakerLoop>.Instance);
        _camera = Rooms.Camera(format, codecs, picture => picture.Dispose());
        _microphones = new MicrophoneLoop(Sound.Microphones, tools, voices, new PlayedSound(), new DevicePatience(), clock, NullLogger<MicrophoneLoop>.Instance)
        {
            Settings = new MicrophoneSettings { MusicMode = true, EchoCancellation = false },
        };

        var devices = new MediaDevices { Pictures = codecs, Voices = voices, VoiceTools = tools };
        listening.Begin(devices with { Speaker = _speaker }, (_, picture) => _screen.ShowPicture(Rooms.Seen, picture));
        speaking.Begin(devices with { Camera = _camera, Microphones = _microphones }, (_, picture) => picture.Dispose());
        _renewal = new Timer(_ => Renew(), null, TimeSpan.FromSeconds(3), TimeSpan.FromSeconds(3));
        _speaker.Open();
        _camera.Open();
        _microphones.Open();
    }

    public MemoryDisplay Display { get; }

    public PictureWatch Pictures { get; }

    public SoundWatch Sound { get; }

    public IReadOnlyDictionary<string, long> Counters => new Dictionary<string, long>
    {
        ["skipped"] = _camera.Skipped,
        ["lost voice"] = _microphones.Lost,
        ["overtaken"] = _screen.Late,
        ["crowded out"] = _speaking.CrowdedOut + _listening.CrowdedOut,
        ["underruns"] = Sound.Underruns,
        ["bit rate"] = _speaking.Ask(session => session.TargetBitRate),
        ["undecryptable"] = _listening.Ask(session => Enum.GetValues<OpenOutcome>().Where(outcome => outcome is not (OpenOutcome.Opened or OpenOutcome.KeyAhead)).Sum(session.Frames)),
        ["concealed"] = _listening.Ask(session => session.Streams.Where(stream => !stream.IsVideo).Sum(stream => stream.Jitter.Concealed)),
    };

    public static async Task<NodeLab> StartAsync(VideoFormat format)
    {
        MediaNode node = MediaNode.Start(new NodeSettings { Listen = [IPAddress.Loopback], UdpPorts = [0], TcpPort = 0, Loops = 1 }, OpenSslCrypto.Instance, OpenSslRandom.Instance, TimeProvider.System);
        byte[] secret = new byte[32];
        OpenSslRandom.Instance.Fill(secret);
        Leg speaking = await Leg.JoinAsync(node, 1, secret, sends: true);
        Leg listening = await Leg.JoinAsync(node, 2, secret, sends: false);
        return new NodeLab(node, speaking, listening, format);
    }

    public void Dispose()
    {
        _renewal.Dispose();
        Sound.Dispose();
        _camera.Close();
        _microphones.Close();
        _speaking.End();
        _listening.End();
        _camera.Dispose();
        _microphones.Dispose();
        _speaker.Dispose();
        _screen.Dispose();
        Display.Dispose();
    }

    public async ValueTask DisposeAsync()
    {
        await _speaking.DisposeAsync();
        await _listening.DisposeAsync();
        await _node.DisposeAsync();
    }

    private void Renew()
    {
        _ = _node.RenewAsync(_speaking.Id);
        _ = _node.RenewAsync(_listening.Id);
    }

    // A room's end of the meeting.
    private sealed class Leg : IMediaWay, IAsyncDisposable
    {
        private readonly MediaNegotiation _negotiation;
        private readonly EpochKeyring _keys;
        private readonly MediaSession _session;
        private readonly MediaPath _path;
        private MediaLoop? _loop;

        private Leg(LegId id, MediaNegotiation negotiation, EpochKeyring keys, MediaSession session, MediaNode node)
        {
            (Id, _negotiation, _keys, _session) = (id, negotiation, keys, session);
            var address = new MediaNodeAddress("127.0.0.1", WebSocket: null, node.Udp.Single().Port, AlternativeUdpPort: 0, TcpPort: 0);
            _path = new MediaPath(new MediaPathSettings { Node = address }, OpenSslRandom.Instance, datagram => _loop?.Receive(datagram), _ => _loop?.HandleNewPath());
        }

        public LegId Id { get; }

        public long CrowdedOut => _loop?.CrowdedOut ?? 0;

        public static async Task<Leg> JoinAsync(MediaNode node, int leaf, byte[] secret, bool sends)
        {
            var id = new LegId(new Guid(leaf, 0, 0, new byte[8]));
            var negotiation = new MediaNegotiation(
                OpenSslRandom.Instance, new SuitePolicy(), sends ? new HashSet<FrameContext> { FrameContext.Audio, FrameContext.Camera } : new HashSet<FrameContext>());
            using Secret offer = negotiation.WriteOffer();
            OfferResult result = await node.OfferAsync(id, s_conference, offer.Bytes.ToArray());
            using Secret answer = result.Answer ?? throw new InvalidOperationException(result.Refusal);
            if (negotiation.TryAccept(answer.Bytes, out MediaPlan? plan) is { } problem)
                throw new InvalidOperationException(problem);

            var keys = new EpochKeyring(OpenSslCrypto.Instance, new KeyringSettings());
            keys.AddEpoch(new FrameEpoch { Number = 1, OwnLeaf = leaf, LeafCount = 4 }, Secret.CopyOf(secret), new Instant(TimeProvider.System.GetElapsedTime(0).Ticks));
            var session = new MediaSession(plan!, keys, OpenSslCrypto.Instance, new MediaSettings { StartBitRate = 2_500_000 });
            return new Leg(id, negotiation, keys, session, node);
        }

        public void Begin(MediaDevices devices, Action<KeyId, VideoFrame> shown) => _loop = new MediaLoop(_session, keys: null, devices, this, shown, TimeProvider.System, NullLogger<MediaLoop>.Instance);

        public bool Send(ReadOnlySpan<byte> datagram) => _path.Send(datagram);

        public void HandleUnheard(TimeSpan unheard) => _path.HandleUnheard(unheard);

        public T Ask<T>(Func<MediaSession, T> what) => _loop!.AskAsync((session, _) => what(session)).GetAwaiter().GetResult();

        public void End() => _loop?.Dispose();

        public async ValueTask DisposeAsync()
        {
            await _path.DisposeAsync();
            _session.Dispose();
            _keys.Dispose();
            _negotiation.Dispose();
        }
    }
}
