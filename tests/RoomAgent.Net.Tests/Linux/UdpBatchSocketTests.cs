using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using RoomAgent.Native.Linux;
using RoomAgent.Testing;

namespace RoomAgent.Net.Tests.Linux;

public sealed class UdpBatchSocketTests
{
    private static readonly IPEndPoint s_anyPort = new(IPAddress.Parse("127.0.0.31"), 0);

    [Theory]
    [InlineData("127.0.0.31")]
    [InlineData("::1")]
    public void ADatagramComesInWithItsSenderAndGoesBackToIt(string address)
    {
        var local = IPAddress.Parse(address);
        using UdpBatchSocket socket = UdpBatchSocket.Open(new IPEndPoint(local, 0), 1)[0];
        using Socket peer = Peer(local, socket);

        peer.Send("there"u8);
        int count = WaitFor(socket);
        Assert.Equal(1, count);
        Assert.Equal("there"u8, socket.Received(0));
        Assert.Equal(peer.LocalEndPoint, socket.Sender(0).ToEndPoint());
        Assert.Equal(new UdpAddress((IPEndPoint)peer.LocalEndPoint!), socket.Sender(0));

        "back"u8.CopyTo(socket.Reserve());
        socket.Commit(socket.Sender(0), 4);
        socket.Flush();
        byte[] answer = new byte[10];
        Assert.Equal(4, peer.Receive(answer));
        Assert.Equal("back"u8, answer.AsSpan(0, 4));
    }

    [Fact]
    public void EachSocketOfAPortGetsThePacketsOfItsOwnSources()
    {
        const int Count = 3;
        UdpBatchSocket[] sockets = UdpBatchSocket.Open(s_anyPort, Count);
        using Socket peer = Peer(s_anyPort.Address, sockets[0]);
        byte[] rtp = [0x80, 96, .. new byte[10], 1];
        byte[] rtcp = [0x80, 200, .. new byte[6]];

        for (uint ssrc = 0; ssrc < 60; ssrc++)
        {
            BinaryPrimitives.WriteUInt32BigEndian(rtp.AsSpan(8), 0xdead_0000 + ssrc);
            BinaryPrimitives.WriteUInt32BigEndian(rtcp.AsSpan(4), 0xdead_0000 + ssrc);
            peer.Send(rtp);
            peer.Send(rtcp);
        }

        int total = 0;
        for (int i = 0; i < Count; i++)
        {
            int count = WaitFor(sockets[i]);
            total += count;
            for (int j = 0; j < count; j++)
            {
                ReadOnlySpan<byte> packet = sockets[i].Received(j);
                uint ssrc = BinaryPrimitives.ReadUInt32BigEndian(packet[(packet[1] == 200 ? 4 : 8)..]);
                Assert.Equal((uint)i, ssrc % Count);
            }
        }

        Assert.Equal(120, total);
        foreach (UdpBatchSocket socket in sockets)
            socket.Dispose();
    }

    [Fact]
    public void WhatIsTooShortToHaveASourceStillArrivesSomewhere()
    {
        UdpBatchSocket[] sockets = UdpBatchSocket.Open(s_anyPort, 2);
        using Socket peer = Peer(s_anyPort.Address, sockets[0]);

        for (int length = 0; length < 12; length++)
            peer.Send(new byte[length]);

        Assert.Equal(12, sockets.Sum(socket => socket.Receive()));
        foreach (UdpBatchSocket socket in sockets)
            socket.Dispose();
    }

    [Fact]
    public void MoreThanABatchIsSentInOrderAndNothingIsAllocated()
    {
        using UdpBatchSocket socket = UdpBatchSocket.Open(s_anyPort, 1)[0];
        using Socket peer = Peer(s_anyPort.Address, socket);
        var to = new UdpAddress((IPEndPoint)peer.LocalEndPoint!);
        void SendAll()
        {
            for (int i = 0; i < 150; i++)
            {
                socket.Reserve()[0] = (byte)i;
                socket.Commit(to, 1);
            }

            socket.Flush();
            socket.Receive();
        }

        byte[] packet = new byte[10];
        void TakeAll()
        {
            for (int i = 0; i < 150; i++)
            {
                Assert.Equal(1, peer.Receive(packet));
                Assert.Equal((byte)i, packet[0]);
            }
        }

        SendAll();
        TakeAll();

        long allocated = Allocations.FewestOf(_ => SendAll(), between: TakeAll);

        Assert.Equal(0, allocated);
    }

    [Fact]
    public void ASocketMayBeDisposedOfTwice()
    {
        UdpBatchSocket socket = UdpBatchSocket.Open(s_anyPort, 1)[0];

        socket.Dispose();
        socket.Dispose();
    }

    [Fact]
    public void AReceiverThatIsGoneDisturbsNobodyElse()
    {
        using UdpBatchSocket socket = UdpBatchSocket.Open(s_anyPort, 1)[0];
        using Socket peer = Peer(s_anyPort.Address, socket);
        var here = new UdpAddress((IPEndPoint)peer.LocalEndPoint!);
        UdpAddress gone;
        using (Socket closed = Peer(s_anyPort.Address, socket))
            gone = new UdpAddress((IPEndPoint)closed.LocalEndPoint!);

        for (int i = 0; i < 20; i++)
        {
            socket.Reserve()[0] = (byte)i;
            socket.Commit(i % 2 == 0 ? gone : here, 1);
            socket.Flush();
        }

        byte[] packet = new byte[10];
        int received = 0;
        while (peer.Poll(100_000, SelectMode.SelectRead))
            received += peer.Receive(packet);
        Assert.InRange(received, 9, 10); // an ICMP error of the one before may cost one call
    }

    [Fact]
    public void ARingingBellEndsTheSleepAlsoWhenItRangBefore()
    {
        using UdpBatchSocket socket = UdpBatchSocket.Open(s_anyPort, 1)[0];
        using var waiter = new Waiter([socket]);

        waiter.Ring();
        waiter.Ring();
        waiter.Wait(TimeSpan.FromMinutes(1));

        var ringer = new Thread(waiter.Ring);
        ringer.Start();
        waiter.Wait(TimeSpan.FromMinutes(1));
        ringer.Join();
        waiter.Wait(TimeSpan.Zero);
        Assert.False(waiter.IsReadable(0));
    }

    private static Socket Peer(IPAddress address, UdpBatchSocket socket)
    {
        var peer = new Socket(address.AddressFamily, SocketType.Dgram, ProtocolType.Udp) { ReceiveTimeout = 10_000 };
        peer.Bind(new IPEndPoint(address, 0));
        peer.Connect(new IPEndPoint(address, socket.LocalEndPoint.Port));
        return peer;
    }

    private static int WaitFor(UdpBatchSocket socket)
    {
        using var waiter = new Waiter([socket]);
        waiter.Wait(TimeSpan.FromSeconds(10));
        return socket.Receive();
    }
}
