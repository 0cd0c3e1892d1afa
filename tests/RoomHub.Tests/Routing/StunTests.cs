using System.Net;
using RoomAgent.Hub.MediaNode;
using RoomAgent.Native.Linux;
using RoomAgent.Native.OpenSsl;
using RoomAgent.Stun;
using RoomAgent.Testing;

namespace RoomHub.Tests.Routing;

/// <summary>STUN at the node: answered within the rates, never louder than asked, and changing nothing.</summary>
public sealed class StunTests : IDisposable
{
    private const int PerAddress = 20;
    private readonly Scene _scene = new(new NodeSettings { StunRate = 100, StunRatePerAddress = PerAddress });

    public void Dispose() => _scene.Dispose();

    [Fact]
    public void ARequestAsRoomsMakeThemIsAnsweredWithWhereItCameFrom()
    {
        _scene.Handle(Request(pad: true), Scene.Address(1));

        (Flow flow, byte[] bytes) = _scene.Last!.Value;
        Assert.Equal(Scene.Address(1), flow);
        Assert.True(StunMessage.TryRead(bytes, out StunMessage answer));
        Assert.Equal(StunClass.SuccessResponse, answer.Class);
        Assert.True(answer.TryReadMappedAddress(out StunAddress mapped));
        Assert.Equal(new StunAddress(IPAddress.Parse("192.0.2.1").GetAddressBytes(), 10_001), mapped);
    }

    [Fact]
    public void NoAnswerIsLongerThanItsRequest()
    {
        using var credential = new StunCredential(OpenSslCrypto.Instance, "room"u8, "key"u8);
        StunAttributeType[] attributes = [StunAttributeType.Username, StunAttributeType.ErrorCode, StunAttributeType.XorMappedAddress, (StunAttributeType)0x7ffe, (StunAttributeType)0xfffe];
        int address = 0;
        foreach (bool isV6 in (bool[])[false, true])
        {
            for (int shape = 0; shape < 1 << (attributes.Length + 2); shape++)
            {
                for (int size = 0; size <= 12; size += 4)
                {
                    byte[] request = Write((ref StunWriter writer) =>
                    {
                        for (int i = 0; i < attributes.Length; i++)
                        {
                            if ((shape & (1 << i)) != 0)
                                writer.Write(attributes[i], new byte[size]);
                        }

                        if ((shape & (1 << attributes.Length)) != 0)
                            writer.WriteIntegrity(credential, StunIntegrity.Both);
                        if ((shape & (2 << attributes.Length)) != 0)
                            writer.WriteFingerprint();
                    });
                    int before = _scene.Datagrams;

                    _scene.Handle(request, From(isV6, address++));

                    if (_scene.Datagrams > before)
                        Assert.InRange(_scene.Last!.Value.Bytes.Length, 20, request.Length);
                    _scene.RunFor(TimeSpan.FromMilliseconds(20));
                }
            }
        }

        Assert.True(_scene.Router.Counters.StunAnswered > 100);
    }

    [Fact]
    public void AFloodFromOneAddressIsAnsweredAtItsRateAndLeavesTheOthersTheirs()
    {
        byte[] request = Request(pad: true);
        for (int i = 0; i < 1_000; i++)
            _scene.Handle(request, Scene.Address(i));

        Assert.Equal(PerAddress, _scene.Datagrams);
        _scene.Handle(request, From(isV6: false, 5));
        Assert.Equal(PerAddress + 1, _scene.Datagrams);
    }

    [Fact]
    public void AFloodFromEverywhereIsAnsweredAtTheRateOfAllAndTakesNoMemory()
    {
        byte[] request = Request(pad: true);
        Flow[] flows = [.. Enumerable.Range(0, 10_000).Select(i => From(isV6: false, i))];
        _scene.Delivers = false;
        _scene.Handle(request, flows[0]);

        long allocated = Allocations.FewestOf(round =>
        {
            foreach (Flow flow in Allocations.Share(flows, round))
                _scene.Handle(request, flow);
        });

        Assert.Equal(0, allocated);
        Assert.Equal(100, _scene.Datagrams);
        Assert.Equal(10_001 - 100, _scene.Router.Counters.StunDropped);
    }

    [Fact]
    public void WhatIsNoRequestUsesUpNobodysRate()
    {
        byte[] garbage = Request(pad: true);
        garbage[^1] ^= 1;
        byte[] tooShort = Write((ref StunWriter _) => { });
        for (int i = 0; i < 1_000; i++)
        {
            _scene.Handle(garbage, From(isV6: false, i));
            _scene.Handle(tooShort, Scene.Address(1));
        }

        _scene.Handle(Request(pad: true), Scene.Address(1));

        Assert.Equal(1, _scene.Datagrams);
    }

    [Fact]
    public void WhoHasAConnectionIsAnsweredWhateverIsForgedAsDatagrams()
    {
        byte[] request = Request(pad: true);
        for (int i = 0; i < 1_000; i++)
            _scene.Handle(request, From(isV6: false, i));
        var flow = Flow.Over(new Connection());
        int before = _scene.Datagrams;

        for (int i = 0; i < 2 * PerAddress; i++)
            _scene.Handle(request, flow);

        Assert.Equal(2 * PerAddress, _scene.Datagrams - before);
    }

    [Fact]
    public void AllAddressesOfAnIPv6NetworkShareOneRate()
    {
        byte[] request = Request(pad: true);
        for (int i = 0; i < 100; i++)
            _scene.Handle(request, Flow.Udp(0, new UdpAddress(new IPEndPoint(IPAddress.Parse($"2001:db8::{i + 1:x}"), 5_000))));

        Assert.Equal(PerAddress, _scene.Datagrams);
    }

    [Fact]
    public void ARequestDoesNotMoveALeg()
    {
        Member[] met = _scene.Meet(2);

        _scene.Handle(Request(pad: true), Scene.Address(77));
        met[1].Send(StreamKind.Voice, 1, level: 10);

        Assert.Single(met[0].Packets);
        Assert.Equal(0, _scene.Router.Counters.Moves);
    }

    [Fact]
    public void WhatIsNoRequestIsNotAnswered()
    {
        byte[] response = Request(pad: true);
        response[0] = 1;
        byte[] indication = Request(pad: true);
        indication[1] |= 0x10;
        byte[] fingerprint = Request(pad: true);
        fingerprint[^1] ^= 1;

        _scene.Handle(response, Scene.Address(1));
        _scene.Handle(indication, Scene.Address(1));
        _scene.Handle(fingerprint, Scene.Address(1));

        Assert.Equal(0, _scene.Datagrams);
        Assert.Equal(3, _scene.Router.Counters.StunDropped);
    }

    private static Flow From(bool isV6, int number) => Flow.Udp(0, new UdpAddress(new IPEndPoint(
        isV6 ? new IPAddress([0x20, 1, 0xd, 0xb8, 0, 0, (byte)(number >> 8), (byte)number, 0, 0, 0, 0, 0, 0, 0, 1]) : new IPAddress([10, 0, (byte)(number >> 8), (byte)number]), 5_000)));

    private delegate void Writing(ref StunWriter writer);

    private static byte[] Request(bool pad) => Write((ref StunWriter writer) =>
    {
        if (pad)
            writer.Write((StunAttributeType)0x8022, new byte[24]);
        writer.WriteFingerprint();
    });

    private static byte[] Write(Writing write)
    {
        var writer = new StunWriter(new byte[512], StunClass.Request, StunMethod.Binding, new StunTransactionId(1, 2));
        write(ref writer);
        return writer.Written.ToArray();
    }
}
