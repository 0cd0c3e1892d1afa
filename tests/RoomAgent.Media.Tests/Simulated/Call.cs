using System.Net;
using RoomAgent.Agent.Media;
using RoomAgent.Crypto;
using RoomAgent.Hub.MediaNode;
using RoomAgent.Native.Linux;
using RoomAgent.Native.OpenSsl;
using RoomAgent.Rtp;
using RoomAgent.Rtp.Srtp;
using RoomAgent.SFrame;
using RoomAgent.Testing;

namespace RoomAgent.Media.Tests.Simulated;

/// <summary>Rooms, a media node, and a network between them, in virtual time.</summary>
internal sealed class Call : IOutput, IDisposable
{
    private static readonly PayloadTypes s_types = new(Audio: 111, Video: 96, Retransmission: 97);
    private readonly Dictionary<UdpAddress, Member> _members = [];
    private readonly byte[] _room = new byte[2_048];
    private readonly Random _random;
    private readonly SeededRandom _keys;
    private readonly NodeSettings _settings;
    private readonly LegId[] _legs;

    public Call(int rooms, LinkQuality up, LinkQuality down, int seed = 1, NodeSettings? settings = null, bool sealsPackets = false)
    {
        _random = new Random(seed);
        _keys = new SeededRandom(seed);
        _settings = settings ?? new NodeSettings();
        Router = new Router(_settings, OpenSslCrypto.Instance, _keys, index: 0, loops: 1, this);
        var conference = new ConferenceId(new Guid(1, 0, 0, new byte[8]));
        _legs = [.. Enumerable.Range(0, rooms).Select(i => new LegId(new Guid(i + 1, 0, 0, new byte[8])))];
        for (int leaf = 0; leaf < rooms; leaf++)
            Join(conference, leaf, up, down, sealsPackets);

        Time.Every(TimeSpan.FromMilliseconds(5), () => Router.HandleTimeout(Time.Now));
        Time.Every(TimeSpan.FromSeconds(3), () =>
        {
            foreach (LegId leg in RenewsLegs ? _legs : [])
                Router.Renew(leg, Time.Now);
        });
    }

    public VirtualTime Time { get; } = new();

    public Router Router { get; }

    /// <summary>Whether there is a hub that lets legs live.</summary>
    public bool RenewsLegs { get; set; } = true;

    public List<Room> Rooms { get; } = [];

    public IEnumerable<Link> Links => _members.Values.SelectMany(member => new[] { member.Up, member.Down });

    public LegId LegOf(int leaf) => _legs[leaf];

    /// <summary>All members merge an epoch, each when it hears of it: within <paramref name="spread"/>.</summary>
    public void Commit(ulong epoch, TimeSpan spread)
    {
        foreach (Room room in Rooms)
            Time.After(spread * _random.NextDouble(), () => room.Merge(epoch, Rooms.Count));
    }

    /// <summary>A room's datagrams come from another port, or another address, from now on; what goes to the one before is lost.</summary>
    public void Move(int leaf, int port, IPAddress? host = null)
    {
        Member member = _members.Values.First(member => member.Room.Leaf == leaf);
        var address = new UdpAddress(new IPEndPoint(host ?? IPAddress.Loopback, port));
        _members[address] = member;
        member.Address = address;
    }

    public Span<byte> Reserve(in Flow flow) => _room;

    public void Commit(in Flow flow, int length)
    {
        Member member = _members[flow.Address];
        if (member.Address == flow.Address)
            member.Down.Send(_room.AsSpan(0, length));
    }

    public void Dispose()
    {
        Router.RemoveAll();
        foreach (Room room in Rooms)
            room.Dispose();
    }

    private void Join(ConferenceId conference, int leaf, LinkQuality up, LinkQuality down, bool sealsPackets)
    {
        const SrtpProfile Profile = SrtpProfile.AeadAes256Gcm;
        using Secret toNode = Secret.Generate(_keys, Profile.KeyAndSaltLength());
        using Secret fromNode = Secret.Generate(_keys, Profile.KeyAndSaltLength());
        var streams = new[] { new StreamPlan(StreamKind.Voice, s_types.Audio, s_types.Retransmission), new StreamPlan(StreamKind.Camera, s_types.Video, s_types.Retransmission) };
        LegSources sources = Router.Add(new LegPlan(_legs[leaf], conference, Profile, toNode, fromNode, streams, new HashSet<StreamKind>(Enum.GetValues<StreamKind>()), 20_000_000), Time.Now);

        var plan = new MediaPlan
        {
            Profile = Profile,
            SendKey = toNode,
            ReceiveKey = fromNode,
            Control = sources.Control,
            Tracks =
            [
                new TrackPlan(FrameContext.Audio, sources.Streams[0], s_types.Audio, s_types.Retransmission),
                new TrackPlan(FrameContext.Camera, sources.Streams[1], s_types.Video, s_types.Retransmission),
            ],
            PayloadTypes = s_types,
            Extensions = new ExtensionNumbers(MeetingMedia.AudioLevelId, MeetingMedia.AbsCaptureTimeId, MeetingMedia.TransportSequenceId),
            SealsPackets = sealsPackets,
        };

        var member = new Member { Address = new UdpAddress(new IPEndPoint(IPAddress.Loopback, 10_000 + leaf)) };
        member.Room = new Room(Time, plan, leaf, datagram => member.Up.Send(datagram));
        member.Up = new Link(Time, _random, up, datagram => Router.Handle(datagram, Flow.Udp(0, member.Address), Time.Now));
        member.Down = new Link(Time, _random, down, member.Room.Receive);
        _members.Add(member.Address, member);
        Rooms.Add(member.Room);
    }

    private sealed class Member
    {
        public UdpAddress Address { get; set; }

        public Room Room { get; set; } = null!;

        public Link Up { get; set; } = null!;

        public Link Down { get; set; } = null!;
    }
}
