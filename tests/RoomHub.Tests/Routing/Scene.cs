using System.Net;
using RoomAgent.Crypto;
using RoomAgent.Hub.MediaNode;
using RoomAgent.Native.Linux;
using RoomAgent.Native.OpenSsl;
using RoomAgent.Rtp.Srtp;
using RoomAgent.Testing;
using RoomAgent.Wire;

namespace RoomHub.Tests.Routing;

/// <summary>A router without sockets, in a time that the test moves on, and members with nothing but keys at the other ends.</summary>
internal sealed class Scene : IOutput, IDisposable
{
    public static readonly IReadOnlyList<StreamKind> VoiceAndCamera = [StreamKind.Voice, StreamKind.Camera];
    private static readonly TimeSpan s_tick = TimeSpan.FromMilliseconds(20);

    private readonly byte[] _room = new byte[2_048];
    private readonly byte[] _datagram = new byte[2_048];
    private readonly SeededRandom _random = new(1);

    public Scene(NodeSettings? settings = null, ICryptoProvider? crypto = null)
    {
        Router = new Router(settings ?? new NodeSettings(), crypto ?? OpenSslCrypto.Instance, _random, index: 0, loops: 1, this);
    }

    public Router Router { get; }

    public Instant Now { get; private set; } = new(TimeSpan.TicksPerHour);

    public List<Member> Members { get; } = [];

    /// <summary>Whether datagrams reach their members; otherwise they are only counted, and nothing is allocated for them.</summary>
    public bool Delivers { get; set; } = true;

    public int Datagrams { get; private set; }

    /// <summary>Sees every datagram that is delivered, and where it goes.</summary>
    public Action<Flow, byte[]>? Sent { get; set; }

    /// <summary>Where the last datagram went, and its bytes.</summary>
    public (Flow Flow, byte[] Bytes)? Last { get; private set; }

    /// <summary>A member whose leg the router has; it is not known where it is until it sends something.</summary>
    public Member Join(
        IReadOnlyList<StreamKind>? sends = null, IReadOnlyList<StreamKind>? receives = null, int mostBitRate = 20_000_000, int conference = 1, int? name = null,
        SrtpProfile profile = SrtpProfile.AeadAes256Gcm)
    {
        var id = new LegId(new Guid(name ?? Members.Count, 0, 0, new byte[8]));
        Secret toNode = Secret.Generate(_random, profile.KeyAndSaltLength());
        Secret fromNode = Secret.Generate(_random, profile.KeyAndSaltLength());
        var plan = new LegPlan(
            id, new ConferenceId(new Guid(conference, 0, 0, new byte[8])), profile, toNode, fromNode,
            [.. (sends ?? VoiceAndCamera).Select(kind => new StreamPlan(kind, kind is StreamKind.Voice or StreamKind.ContentAudio ? (byte)111 : (byte)96, 97))],
            (receives ?? Enum.GetValues<StreamKind>()).ToHashSet(), mostBitRate);
        var member = new Member(this, plan, Router.Add(plan, Now), Address(Members.Count));
        Members.Add(member);
        return member;
    }

    /// <summary>Members that have all been heard, so that packets find them.</summary>
    public Member[] Meet(int count, IReadOnlyList<StreamKind>? sends = null)
    {
        Member[] met = [.. Enumerable.Range(0, count).Select(_ => Join(sends))];
        foreach (Member member in met)
            member.SayHello();
        RunFor(TimeSpan.FromMilliseconds(600));
        foreach (Member member in met)
            member.Forget();
        return met;
    }

    public static Flow Address(int number) => Flow.Udp(0, new UdpAddress(new IPEndPoint(IPAddress.Parse("192.0.2.1"), 10_000 + number)));

    /// <summary>Gives the router a copy of a datagram.</summary>
    public void Handle(ReadOnlySpan<byte> datagram, in Flow flow)
    {
        datagram.CopyTo(_datagram);
        Router.Handle(_datagram.AsSpan(0, datagram.Length), flow, Now);
    }

    /// <summary>Lets time pass, and the router do what is due.</summary>
    public void RunFor(TimeSpan span)
    {
        for (Instant end = Now + span; Now < end;)
        {
            Now += s_tick;
            Router.HandleTimeout(Now);
        }
    }

    public Span<byte> Reserve(in Flow flow) => _room;

    public void Commit(in Flow flow, int length)
    {
        Datagrams++;
        if (!Delivers)
            return;

        byte[] bytes = _room[..length];
        Last = (flow, bytes);
        Sent?.Invoke(flow, bytes);
        foreach (Member member in Members)
        {
            if (member.Flow == flow)
                member.Take(bytes);
        }
    }

    public void Dispose()
    {
        Router.RemoveAll();
        foreach (Member member in Members)
            member.Dispose();
    }
}
