using System.Globalization;
using System.Net;
using RoomAgent.Hub.MediaNode;
using RoomAgent.Native.Linux;
using RoomAgent.Native.OpenSsl;
using RoomAgent.Testing;

namespace RoomAgent.Benchmarks.Media;

/// <summary>How many 720p streams one loop of the media node forwards, and how long it keeps their packets: with real sockets, on loopback.</summary>
/// <remarks>
/// On loopback a packet that is sent is also received by the thread that sends it, so the loop's processor time has in it what on a network would be
/// the receivers'. What a packet takes without a node is measured beside, by the same threads; the difference is the node's.
/// </remarks>
internal static class NodeTable
{
    private static readonly int[] s_streams = [100, 300, 1_000];
    private static readonly TimeSpan s_warmUp = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan s_measured = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_onTheirWay = TimeSpan.FromMilliseconds(300);

    /// <summary>By which ./bench finds it.</summary>
    public static string Name => "RoomAgent.Benchmarks.Media.NodeTable.Print";

    public static void Print(TextWriter output)
    {
        output.WriteLine();
        output.WriteLine($"## Media node: one loop, 720p streams of 1.5 Mbit/s in packets of {MeetingTraffic.PacketLength} bytes, meetings of 1 sender and {MeetingTraffic.Receivers} receivers; milliseconds");
        output.WriteLine();
        output.WriteLine("| streams | packets/s | lost | of a core | streams a core | bytes allocated a packet | added p50 | added p95 | node p50 | node p95 | loopback p50 | loopback p95 |");
        output.WriteLine("| ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |");
        foreach (int streams in s_streams)
            output.WriteLine(Measure(streams));
    }

    private static string Measure(int streams)
    {
        UdpBatchSocket socket = UdpBatchSocket.Open(new IPEndPoint(IPAddress.Loopback, 0), 1)[0];
        using var shard = new MediaShard(new NodeSettings { Lease = TimeSpan.FromHours(1) }, OpenSslCrypto.Instance, new SeededRandom(streams), index: 0, loops: 1, [socket], TimeProvider.System, _ => { });
        using var traffic = new MeetingTraffic(shard, socket.LocalEndPoint, streams / MeetingTraffic.Receivers);

        // The system would like to have both threads on one processor, since one wakes the other.
        shard.AskAsync((_, _) => Processor.Tie(0)).GetAwaiter().GetResult();
        Thread.Sleep(s_warmUp);
        LoopState before = StateOf(shard);
        traffic.IsMeasured = true;
        Thread.Sleep(s_measured);
        traffic.IsMeasured = false;
        LoopState after = StateOf(shard);
        Thread.Sleep(s_onTheirWay);
        traffic.Stop();

        long expected = traffic.Sent * MeetingTraffic.Receivers;
        long forwarded = after.Forwarded - before.Forwarded;
        double core = (after.Time - before.Time) / (after.Clock - before.Clock);
        return string.Create(
            CultureInfo.InvariantCulture,
            $"| {streams} | {forwarded / (after.Clock - before.Clock).TotalSeconds:F0} | {(expected - traffic.Received) * 100.0 / expected:F2} % | {core * 100:F0} % | {forwarded / (after.Time - before.Time).TotalSeconds / MeetingTraffic.PacketsPerSecond:F0} | {(after.Allocated - before.Allocated) / (double)forwarded:F2} | ")
            + Row(traffic.Node.Percentile(0.5) - traffic.Loopback.Percentile(0.5), traffic.Node.Percentile(0.95) - traffic.Loopback.Percentile(0.95))
            + Row(traffic.Node.Percentile(0.5), traffic.Node.Percentile(0.95))
            + Row(traffic.Loopback.Percentile(0.5), traffic.Loopback.Percentile(0.95)).TrimEnd();
    }

    private static string Row(TimeSpan half, TimeSpan most) =>
        string.Create(CultureInfo.InvariantCulture, $"{half.TotalMilliseconds:F3} | {most.TotalMilliseconds:F3} | ");

    // Asked of the loop itself, so that it is its own thread's.
    private static LoopState StateOf(MediaShard shard) => shard.AskAsync((router, _) =>
        new LoopState(TimeProvider.System.GetElapsedTime(0), ThreadTime.Now, GC.GetAllocatedBytesForCurrentThread(), router.Counters.Forwarded)).GetAwaiter().GetResult();

    private readonly record struct LoopState(TimeSpan Clock, TimeSpan Time, long Allocated, long Forwarded);
}
