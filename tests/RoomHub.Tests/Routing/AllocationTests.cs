using RoomAgent.Hub.MediaNode;
using RoomAgent.Testing;

namespace RoomHub.Tests.Routing;

/// <summary>Once everyone has been heard, a packet allocates nothing.</summary>
public sealed class AllocationTests
{
    [Theory]
    [InlineData(StreamKind.Voice, 11)]
    [InlineData(StreamKind.Camera, 11)]
    [InlineData(StreamKind.Voice, 8)]
    public void ForwardingToManyAllocatesNothing(StreamKind kind, int members)
    {
        const int Warm = 1_000;
        const int Measured = 2_000;
        using var scene = new Scene(new NodeSettings { MostIncomingBitRate = int.MaxValue, MostVoices = 8, LastCameras = 20 });
        Member[] met = scene.Meet(members);
        byte[] payload = [0xc0, .. new byte[kind == StreamKind.Voice ? 100 : 1_150]];
        byte[][] packets = [.. Enumerable.Range(0, Warm + Measured).Select(i => met[0].Seal(kind, i, payload, level: kind == StreamKind.Voice ? 20 : null))];
        scene.Delivers = false;
        foreach (byte[] packet in packets[..Warm])
            scene.Handle(packet, met[0].Flow);
        int forwarded = scene.Datagrams;
        byte[][] fresh = packets[Warm..];

        long allocated = Allocations.FewestOf(round =>
        {
            foreach (byte[] packet in Allocations.Share(fresh, round))
                scene.Handle(packet, met[0].Flow);
        });

        Assert.Equal(0, allocated);
        Assert.Equal(Measured * (members - 1), scene.Datagrams - forwarded);
    }

    [Fact]
    public void AVoiceForWhichThereIsNoRoomAllocatesNothing()
    {
        using var scene = new Scene(new NodeSettings { MostVoices = 1 });
        Member[] met = scene.Meet(3);
        for (int i = 0; i < 50; i++)
        {
            foreach (Member member in met)
                member.Send(StreamKind.Voice, i, level: 10);
            scene.RunFor(TimeSpan.FromMilliseconds(20));
        }

        byte[][][] packets = [.. met.Select(member => Enumerable.Range(50, 201).Select(i => member.Seal(StreamKind.Voice, i, Member.Frame, level: 10)).ToArray())];
        scene.Delivers = false;
        foreach (byte[][] ofOne in packets)
            scene.Handle(ofOne[0], scene.Members[Array.IndexOf(packets, ofOne)].Flow);
        int[] places = [.. Enumerable.Range(1, 200)];

        long allocated = Allocations.FewestOf(round =>
        {
            foreach (int i in Allocations.Share(places, round))
            {
                for (int j = 0; j < met.Length; j++)
                    scene.Handle(packets[j][i], met[j].Flow);
            }
        });

        Assert.Equal(0, allocated);
    }
}
