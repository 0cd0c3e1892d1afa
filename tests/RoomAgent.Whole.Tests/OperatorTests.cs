using System.Diagnostics;
using System.Text;
using RoomAgent.Agent.Meetings;
using RoomAgent.Agent.Room;
using RoomAgent.Meetings;
using RoomAgent.Native.OpenSsl;
using RoomAgent.Rtp;
using RoomAgent.Rtp.Srtp;
using RoomAgent.Wire;

namespace RoomAgent.Whole.Tests;

/// <summary>
/// What whoever runs the hub, its media node or the network can get at during a call (REQUIREMENTS A01, A05, B05, B26): no key of the meeting and no frame. The hub and
/// its node are a process of their own, which is stopped and looked through for every secret that passed through the cryptography of the rooms; what they sent
/// to it, what it wrote and what the wire carried is looked through as well. Each search also looks for what has to be there, so that it is known to find.
/// </summary>
/// <remarks>Needs the right to look into other processes and at the wire: root has it.</remarks>
public sealed class OperatorTests
{
    private const int Sample = 24;

    [Fact]
    public async Task WhoeverRunsTheHubOrTheWireFindsNoKeyOfTheMeetingAndNoFrame()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "Looking into another process and at the wire needs root.");
        await using School school = await School.StartAloneAsync();
        TappedCrypto[] taps = [new(), new()];
        DishonestWire[] wires = [new(), new()];
        await using WholeRoom library = await PairAsync(school, "Library", taps[0], wires[0]);
        await using WholeRoom lab = await PairAsync(school, "Lab", taps[1], wires[1]);
        using var capture = new LoopbackCapture(school.Alone.MediaPort);

        // 1. A call: both see and hear each other, over two epochs and more.
        await school.ScheduleAsync(DateTime.UtcNow, DateTime.UtcNow.AddHours(1), "Library", "Lab");
        foreach (WholeRoom room in new[] { library, lab })
            await room.UntilAsync(status => status.Meeting is { Stage: MeetingStage.Member, Members.Count: 2, Code.Status: CodeStatus.Current } meeting && meeting.Media.Streams.Count(stream => stream.Frames > 60) == 2);
        await library.Room.LockAsync(true);
        await lab.UntilAsync(status => status.Meeting is { IsLocked: true, Code.Status: CodeStatus.Current });
        await Task.Delay(TimeSpan.FromSeconds(3));
        Assert.Equal(library.Meeting!.Authenticator, lab.Meeting!.Authenticator);

        // 2. What the hub holds at one moment of it.
        ByteString groupId = wires[0].Heard.OfType<MeetingState>().Last().Policy.Name.ComputeGroupId(OpenSslCrypto.Instance);
        var secrets = new Findings();
        foreach ((ByteString secret, string what) in taps.SelectMany(tap => tap.Secrets))
            secrets.LookFor(secret, what);
        secrets.LookFor(ByteString.CopyOf(Convert.FromHexString(library.Meeting.Authenticator)), "the authenticator as it is shown");
        var known = new Findings();
        known.LookFor(groupId, "group id");
        foreach ((ByteString key, string what) in taps.SelectMany(tap => tap.HopKeys))
            known.LookFor(key, what);
        Findings frames = Frames(taps.SelectMany(tap => tap.Frames));
        Findings sealedFrames = Frames(taps.SelectMany(tap => tap.Sealed)), passing = Frames(taps.SelectMany(tap => tap.Sealed));
        using (new Stopped(school.Alone.Id))
        {
            passing.SearchMemory(school.Alone.Id);
            secrets.SearchMemory(school.Alone.Id);
            frames.SearchMemory(school.Alone.Id);
            known.SearchMemory(school.Alone.Id);
        }

        string[] kinds = ["key of HMAC", "key of SFrame", "secret of HPKE", "secret of MLS", "signature key"];
        Assert.All(taps, tap => Assert.Superset(kinds.ToHashSet(), tap.Secrets.Values.ToHashSet()));
        Assert.InRange(taps.Sum(tap => tap.Secrets.Count), 200, int.MaxValue);
        Assert.InRange(known.Seen, 50 << 20, long.MaxValue);
        Assert.Contains("group id", known.Found);
        Assert.Contains("hop key", known.Found);
        Assert.InRange(passing.Found.Count, 10, int.MaxValue);
        Assert.Empty(secrets.Found);
        Assert.Empty(frames.Found);

        // 3. What it keeps and says, and what it was told.
        secrets.SearchFiles(school.Alone.Data);
        secrets.Search(Encoding.UTF8.GetBytes(school.Alone.Said));
        foreach (DishonestWire wire in wires)
        {
            foreach (ClientMessage said in wire.Said)
                secrets.Search(said.Encode());
            foreach (byte[] offer in wire.Offers)
                secrets.Search(offer);
        }

        Assert.Empty(secrets.Found);

        // 4. What the wire carried, and what of that the node sees, which takes away the protection of the hop.
        await capture.EndAsync();
        Assert.InRange(capture.ToPort.Count, 300, int.MaxValue);
        Assert.InRange(capture.FromPort.Count, 300, int.MaxValue);
        byte[][] seen = [.. wires.SelectMany(wire => AtTheNode(wire, capture.ToPort))];
        Assert.InRange(seen.Length, 300, int.MaxValue);
        foreach (byte[] datagram in capture.ToPort.Concat(capture.FromPort).Concat(seen))
            frames.Search(datagram);
        Assert.Empty(frames.Found);
        Assert.InRange(Entropy([.. seen.SelectMany(payload => payload.Skip(8))]), 7.98, 8);
        Assert.InRange(Entropy([.. capture.FromPort.Where(IsMedia).SelectMany(datagram => datagram.Skip(40))]), 7.98, 8);

        // It would have been found: sealed, each frame is there as it left the room.
        foreach (byte[] payload in seen)
            sealedFrames.Search(payload);
        Assert.InRange(sealedFrames.Found.Count, 200, int.MaxValue);
    }

    private static async Task<WholeRoom> PairAsync(School school, string name, TappedCrypto tap, DishonestWire wire)
    {
        WholeRoom room = WholeRoom.Start(
            await school.SetupCodeAsync(name),
            hub: services => new DishonestHub(services) { Wire = wire },
            trust: own => new TappedTrust(own, tap));
        await room.UntilAsync(status => status.Phase == DevicePhase.Registered);
        await school.PlaceAsync(name);
        return room;
    }

    // A piece of each, which is found by itself: not its beginning, which many have in common, and not what silence or one colour looks like.
    private static Findings Frames(IEnumerable<byte[]> all)
    {
        var findings = new Findings();
        int number = 0;
        foreach (byte[] frame in all.Where(frame => frame.Length >= 2 * Sample))
        {
            ReadOnlySpan<byte> piece = frame.AsSpan(frame.Length / 2, Sample);
            if (piece.ToArray().Distinct().Count() > Sample / 2)
                findings.LookFor(ByteString.CopyOf(piece), $"frame {number++}");
        }

        return findings;
    }

    // With the key of the hop, which the offer has given to it: the payloads as the node forwards them.
    private static IEnumerable<byte[]> AtTheNode(DishonestWire wire, IReadOnlyList<byte[]> datagrams)
    {
        foreach (byte[] offer in wire.Offers)
        {
            string text = Encoding.ASCII.GetString(offer);
            int at = text.IndexOf("AEAD_AES_256_GCM inline:", StringComparison.Ordinal) + "AEAD_AES_256_GCM inline:".Length;
            byte[] key = Convert.FromBase64String(text[at..text.IndexOfAny(['|', '\r', '\n', ' '], at)]);
            using var node = new SrtpReceiver(OpenSslCrypto.Instance, SrtpProfile.AeadAes256Gcm, key);
            foreach (byte[] datagram in datagrams.Where(IsMedia))
            {
                byte[] packet = [.. datagram];
                if (RtpHeader.TryRead(packet, out RtpHeader header)
                    && node.TryUnprotect(packet, header, out int length) == SrtpOutcome.Opened
                    && header.TryGetPayload(packet.AsSpan(0, length), out ReadOnlySpan<byte> payload) && payload.Length > Sample)
                {
                    yield return payload.ToArray();
                }
            }
        }
    }

    private static bool IsMedia(byte[] datagram) => datagram.Length > 64 && datagram[0] is >= 128 and < 192 && datagram[1] is < 192 or > 223;

    private static double Entropy(byte[] bytes)
    {
        Assert.InRange(bytes.Length, 30_000, int.MaxValue);
        return -bytes.GroupBy(value => value).Sum(group => (double)group.Count() / bytes.Length * Math.Log2((double)group.Count() / bytes.Length));
    }

    /// <summary>A process that does nothing as long as this lives.</summary>
    private sealed class Stopped : IDisposable
    {
        private readonly int _process;

        public Stopped(int process)
        {
            _process = process;
            Signal("-STOP");
        }

        public void Dispose() => Signal("-CONT");

        private void Signal(string signal)
        {
            using Process kill = Process.Start("kill", [signal, $"{_process}"]);
            kill.WaitForExit();
        }
    }
}
