using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Text;
using RoomAgent.XApi;

namespace RoomAgent.Rooms;

/// <summary>Measures what a meeting of whole rooms must hold, again and again, with real processes, from outside of them: what their local interface tells, and what crosses the network.</summary>
internal sealed class Trials(int repetitions, string folder, Story story, CancellationToken cancel)
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan s_restart = TimeSpan.FromSeconds(1); // RestartSec of the unit files
    private static readonly TimeSpan s_settle = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan s_betweenReturns = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan s_betweenBlocks = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan s_silent = TimeSpan.FromSeconds(1);

    private readonly Samples _ready = new("agent started -> ready", "s", 2);
    private readonly Samples _idle = new("memory of an agent that waits for meetings", "MB", 110);
    private readonly Samples _busy = new("memory of an agent in a meeting in 720p30", "MB", 180);
    private readonly Samples _firstPicture = new("admitted by a host -> first picture of others decoded", "s", 1);
    private readonly Samples _cut = new("put out by a host -> no media reaches it", "ms", 100);
    private readonly Samples _undecryptable = new("put out by a host -> all others have keys that it has not", "ms", 500);
    private readonly Samples _blackout = new("longest pause of the others' pictures when one joins", "ms", 500);
    private readonly Samples _agentBack = new("kill -9 of an agent -> it sees the others again (1 s of it off)", "s", 5);
    // For a hub that is alone nothing is demanded: longer than that, people would give up.
    private readonly Samples _hubBack = new("kill -9 of the hub -> all see each other again (1 s of it off)", "s", 30);
    private readonly Samples _otherWay = new("UDP blocked -> pictures on another transport", "s", 3);
    private readonly Samples _udpAgain = new("UDP open again -> media on UDP", "s", 30);

    private TimeSpan _openSince = -s_betweenBlocks;

    /// <summary>Measures everything.</summary>
    /// <returns>Whether all is as it must be.</returns>
    public async Task<bool> RunAsync()
    {
        Samples[] table = [_ready, _idle, _busy, _firstPicture, _cut, _undecryptable, _blackout, _agentBack, _hubBack, _otherWay, _udpAgain];
        try
        {
            await MeasureAsync();
        }
        finally
        {
            // Also what was found before something went wrong.
            story.Say();
            story.Say(Samples.Heading, isHeading: true);
            foreach (Samples row in table)
                story.Say(row.Row());
        }

        return table.All(row => row.IsGood);
    }

    private async Task MeasureAsync()
    {
        for (int i = 0; i < Math.Min(repetitions, 10); i++)
            await StartAsync(i);
        await MeetAsync(new DemoSettings { Rooms = 3, HasLink = true, Lasts = TimeSpan.FromHours(3) }, "meeting", async campus =>
        {
            for (int i = 0; i < repetitions; i++)
            {
                await PutOutAndAdmitAsync(campus);
                await KillAgentAsync(campus);
                await BlockAsync(campus);
            }

            for (int i = 0; i < repetitions; i++)
                await KillHubAsync(campus);
        });
        await MeetAsync(new DemoSettings { Rooms = 2, Lasts = TimeSpan.FromHours(1), Pictures = "1280x720@30", HasVoices = false, Display = "1920x1080@30" }, "memory", WeighAsync);
    }

    private async Task MeetAsync(DemoSettings settings, string name, Func<Campus, Task> what)
    {
        string place = Directory.CreateDirectory(Path.Combine(folder, name)).FullName;
        await using Campus campus = await Campus.OpenAsync(settings, place, story, cancel);
        await campus.MeetAsync();
        await what(campus);
    }

    // As systemd starts it, and then left alone.
    private async Task StartAsync(int number)
    {
        string state = Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"alone-{number}"));
        string path = Path.Combine(folder, "notify");
        File.Delete(path);
        using var systemd = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        systemd.Bind(new UnixDomainSocketEndPoint(path));
        long begun = Stopwatch.GetTimestamp();
        await using Child child = Child.Start("alone", Path.Combine(Campus.Programs, "RoomAgent", "release", "roomagent.dll"), ["--simulate", "--set", $"paths.state={state}"], Path.Combine(folder, "alone.log"), ready: path);
        byte[] message = new byte[4_096];
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        patience.CancelAfter(s_patience);
        while (!Encoding.UTF8.GetString(message.AsSpan(0, await systemd.ReceiveAsync(message, patience.Token))).Contains("READY=1", StringComparison.Ordinal))
        {
        }

        _ready.Add(Stopwatch.GetElapsedTime(begun).TotalSeconds);
        await Task.Delay(TimeSpan.FromSeconds(5), cancel);
        _idle.Add(child.Memory / 1e6);
    }

    private async Task PutOutAndAdmitAsync(Campus campus)
    {
        Room host = await HostAsync(campus);
        Room guest = campus.Rooms[^1] == host ? campus.Rooms[0] : campus.Rooms[^1];
        Room[] others = [.. campus.Rooms.Where(room => room != guest)];
        await SeeAllAsync(campus);

        // 1. Put out: what the network carries to it ends, and those who stay change their keys.
        string who = guest.Self!.ParticipantId;
        ulong epoch = host.Meeting!.Epoch!.Value;
        long begun = Stopwatch.GetTimestamp();
        await host.DoAsync(CommandNames.Eject, cancel, ("ParticipantId", who));
        await Task.WhenAll(others.Select(room => room.UntilAsync(now => now.Meeting is { Epoch: { } at } && at > epoch, "it has new keys", s_patience, cancel)));
        _undecryptable.Add(Stopwatch.GetElapsedTime(begun).TotalMilliseconds);
        await guest.UntilAsync(now => now.Meeting is null or { Stage: "Ended" }, "it is told that it was put out", s_patience, cancel);
        await Task.Delay(s_settle, cancel);
        _cut.Add(LastDatagram(campus.Link!, begun).TotalMilliseconds);

        // 2. It asks again, and waits for a host.
        await guest.UntilAsync(now => now.Meeting is null, "the meeting is gone from its display", s_patience, cancel);
        await guest.DoAsync(CommandNames.Join, cancel);
        await guest.UntilAsync(now => now.Meeting is { Stage: "Lobby" }, "it waits in the lobby", s_patience, cancel);
        RoomView asked = await host.UntilAsync(now => now.Meeting?.Waiting.Count > 0, "the host sees that somebody waits", s_patience, cancel);

        // 3. Let in: how long until it sees somebody, and for how long the others did not see each other.
        begun = Stopwatch.GetTimestamp();
        await host.DoAsync(CommandNames.Admit, cancel, ("ParticipantId", asked.Meeting!.Waiting[0].ParticipantId));
        await guest.UntilAsync(now => now.Meeting?.Media.Streams.Any(stream => stream is { IsVideo: true, Frames: > 0 }) == true, "it sees somebody", s_patience, cancel);
        _firstPicture.Add(Stopwatch.GetElapsedTime(begun).TotalSeconds);
        await campus.TurnOnAsync(guest);
        await Task.Delay(s_settle, cancel);
        int leaf = guest.Self?.Leaf ?? -1;
        foreach (Room room in others)
            _blackout.Add(room.Meeting!.Media.Streams.Where(stream => stream.IsVideo && stream.Leaf != leaf).Select(stream => stream.LongestPause).DefaultIfEmpty().Max());
    }

    // When the last datagram went to the socket that got some until then and gets none any more.
    private static TimeSpan LastDatagram(LossyLink link, long begun)
    {
        long now = Stopwatch.GetTimestamp();
        long[] ended = [.. link.Last.Values.Where(at => Stopwatch.GetElapsedTime(at, now) > s_silent && Stopwatch.GetElapsedTime(begun, at) > -s_silent)];
        return ended.Length == 0 ? s_settle : Stopwatch.GetElapsedTime(begun, ended.Max()) is var lasted && lasted > TimeSpan.Zero ? lasted : TimeSpan.Zero;
    }

    private async Task KillAgentAsync(Campus campus)
    {
        // A member comes back by itself once in ten seconds.
        await Task.Delay(s_betweenReturns, cancel);
        await SeeAllAsync(campus);
        Room room = campus.Rooms[1];
        long begun = Stopwatch.GetTimestamp();
        await room.KillAsync(s_restart);
        await room.UntilAsync(now => now.Meeting is { Stage: "Member" } meeting && meeting.Media.Streams.Any(stream => stream is { IsVideo: true, Frames: > 0 }), "it is back and sees somebody", s_patience, cancel);
        _agentBack.Add(Stopwatch.GetElapsedTime(begun).TotalSeconds);
        await campus.TurnOnAsync(room);
    }

    private async Task KillHubAsync(Campus campus)
    {
        await SeeAllAsync(campus);
        Dictionary<Room, long> before = campus.Rooms.ToDictionary(room => room, Pictures);
        long begun = Stopwatch.GetTimestamp();
        await campus.Hub.KillAsync(s_restart);
        await Task.WhenAll(campus.Rooms.Select(async room =>
        {
            // The leg ends with its node: what is counted then begins anew.
            await room.UntilAsync(now => Pictures(room) < before[room] || now.Phase != "Registered", "it misses the hub", s_patience, cancel);
            await room.UntilAsync(now => now is { Phase: "Registered", Meeting.Stage: "Member" } && Sees(now.Meeting!) >= campus.Wanted, "it sees the others again", s_patience, cancel);
        }));
        _hubBack.Add(Stopwatch.GetElapsedTime(begun).TotalSeconds);
    }

    private async Task BlockAsync(Campus campus)
    {
        await SeeAllAsync(campus);
        Room room = campus.Rooms[0];
        await room.UntilAsync(now => IsUdp(now.Meeting), "its media goes by UDP", s_patience, cancel);

        // A way that dies again soon is tried less and less often, which is another thing to measure.
        if (_openSince + s_betweenBlocks - story.Elapsed is var rest && rest > TimeSpan.Zero)
            await Task.Delay(rest, cancel);
        long begun = Stopwatch.GetTimestamp();
        campus.Link!.IsBlocked = true;
        await room.UntilAsync(now => now.Meeting is { Media.Transport.Length: > 0 } meeting && !IsUdp(meeting), "its media takes another way", s_patience, cancel);
        long seen = Pictures(room);
        await room.UntilAsync(_ => Pictures(room) > seen, "it sees somebody again", s_patience, cancel);
        _otherWay.Add(Stopwatch.GetElapsedTime(begun).TotalSeconds);

        begun = Stopwatch.GetTimestamp();
        campus.Link.IsBlocked = false;
        await room.UntilAsync(now => IsUdp(now.Meeting), "its media goes by UDP again", s_patience, cancel);
        _udpAgain.Add(Stopwatch.GetElapsedTime(begun).TotalSeconds);
        await Task.WhenAll(campus.Rooms.Select(one => one.UntilAsync(now => IsUdp(now.Meeting), "its media goes by UDP again", s_patience, cancel)));
        _openSince = story.Elapsed + s_settle;
    }

    private async Task WeighAsync(Campus campus)
    {
        for (int i = 0; i < Math.Max(repetitions, 5); i++)
        {
            await Task.Delay(s_settle, cancel);
            foreach (Room room in campus.Rooms)
                _busy.Add(room.Memory / 1e6);
        }
    }

    private async Task<Room> HostAsync(Campus campus)
    {
        await SeeAllAsync(campus);
        return campus.Rooms.First(room => room.Meeting is { IsHost: true });
    }

    // Everybody is in, in one state, and sees something of all others that it sees at all.
    private async Task SeeAllAsync(Campus campus)
    {
        Room first = campus.Rooms[0];
        await first.UntilAsync(_ => Campus.Agree(campus.Rooms), "all agree on the security code", s_patience, cancel);
        await Task.WhenAll(campus.Rooms.Select(room => room.UntilAsync(now => now.Meeting is { Stage: "Member" } meeting && Sees(meeting) >= campus.Wanted, "it sees the others", s_patience, cancel)));
        await Task.Delay(s_settle, cancel);
    }

    private static int Sees(MeetingView meeting) => meeting.Media.Streams.Count(stream => stream is { IsVideo: true, Frames: > 0 });

    private static long Pictures(Room room) => room.View?.Meeting?.Media.Streams.Where(stream => stream.IsVideo).Sum(stream => stream.Frames) ?? 0;

    private static bool IsUdp(MeetingView? meeting) => meeting?.Media.Transport.StartsWith("UDP", StringComparison.Ordinal) == true;
}
