using System.Globalization;
using System.Net;
using RoomAgent.XApi;

namespace RoomAgent.Rooms;

/// <summary>The story: a hub, rooms that are paired by their codes, and a meeting that they join by themselves.</summary>
internal sealed class Demo(DemoSettings settings, string folder, Story story, CancellationToken cancel)
{
    // A hub gives so many codes for displays in a row to one address; further rooms take a setup code each.
    private const int MostCodes = 8;
    private const int MostChecked = 3;
    private const int LeastPictures = 20;
    private const int LeastSounds = 40;
    private static readonly TimeSpan s_pairing = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan s_joining = TimeSpan.FromSeconds(90);
    private static readonly TimeSpan s_sample = TimeSpan.FromSeconds(4);
    private static readonly string[] s_voices = ["kal", "slt", "rms", "awb"];

    private readonly string _programs = Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "..", ".."));
    private readonly List<Room> _rooms = [];

    /// <summary>Tells it.</summary>
    /// <returns>Whether all rooms saw and heard each other and agreed on the code.</returns>
    public async Task<bool> RunAsync()
    {
        int[] ports = [Ports.FreeUdp(), Ports.FreeUdp()];
        LossyLink? link = settings.Loss > 0 ? LossyLink.Open(ports, settings.Loss) : null;
        Hub? hub = null;
        try
        {
            hub = await Hub.StartAsync(_programs, folder, ports, link is null ? IPAddress.Loopback : LossyLink.Address, cancel);
            story.Tell("hub", $"runs at {hub.Address}; Alice is its first administrator");
            await PairAsync(hub);
            await MeetAsync(hub);
            if (!settings.IsOnce)
                Point(hub);
            return await WatchAsync();
        }
        finally
        {
            await Task.WhenAll(_rooms.Select(room => room.DisposeAsync().AsTask()));
            if (hub is not null)
                await hub.DisposeAsync();
            if (link is not null)
                await link.DisposeAsync();
        }
    }

    private async Task PairAsync(Hub hub)
    {
        string words = await hub.WordsAsync(cancel);
        for (int i = 0; i < settings.Rooms; i++)
            _rooms.Add(Room.Start($"room-{i + 1}", _programs, folder, SettingsOf(i, hub), story));

        // One administrator, who enters one code after the other.
        using var administrator = new SemaphoreSlim(1, 1);
        await Task.WhenAll(_rooms.Select((room, i) => i < MostCodes ? PairByCodeAsync(hub, room, words, administrator) : PairBySetupCodeAsync(hub, room)));
    }

    // 1. somebody in the room compares the hub's words   2. an administrator enters the code, and compares the digits with the display
    private async Task PairByCodeAsync(Hub hub, Room room, string words, SemaphoreSlim administrator)
    {
        RoomView view = await room.UntilAsync(now => now.Account.State == "HubUnknown", "it finds the hub", s_pairing, cancel);
        if (view.Account.Words != words)
            throw new DemoProblem($"{room.Name} found another hub: {view.Account.Words}, and not {words}.");
        await room.DoAsync(CommandNames.ConfirmHub, cancel, ("Words", words));

        view = await room.UntilAsync(now => now.Account.State == "Pairing", "it shows a code", s_pairing, cancel);
        await administrator.WaitAsync(cancel);
        try
        {
            string digits = await hub.LookUpAsync(view.Account.Code!, cancel);
            if (digits.Replace(" ", "", StringComparison.Ordinal) != view.Account.Digits?.Replace(" ", "", StringComparison.Ordinal))
                throw new DemoProblem($"{room.Name} shows the digits {view.Account.Digits}, and the hub's page {digits}.");
            await hub.ApproveAsync(view.Account.Code!, room.Name, cancel);
            story.Tell("Alice", $"entered the code of {room.Name}; the digits are the same");
        }
        finally
        {
            administrator.Release();
        }
    }

    private async Task PairBySetupCodeAsync(Hub hub, Room room)
    {
        await room.UntilAsync(_ => true, "it starts", s_pairing, cancel);
        await room.DoAsync(CommandNames.Pair, cancel, ("With", await hub.SetupCodeAsync(room.Name, cancel)));
    }

    private async Task MeetAsync(Hub hub)
    {
        await Task.WhenAll(_rooms.Select(room => room.UntilAsync(now => now.Phase == "Registered", "it is connected and certified", s_pairing, cancel)));
        var places = new List<string>();
        foreach (Room room in _rooms)
            places.Add(await hub.PlaceAsync(room.Name, cancel));

        // Soon enough to be seen, late enough for all of them to hear of it.
        DateTime start = DateTime.UtcNow.AddSeconds(5);
        await hub.ScheduleAsync("Demonstration", start, start.AddMinutes(Math.Max(60, (settings.Lasts ?? default).TotalMinutes + 5)), places, cancel);
        story.Tell("Alice", $"scheduled an end-to-end encrypted meeting at {start:HH:mm:ss} UTC");

        await Task.WhenAll(_rooms.Select(async room =>
        {
            await room.UntilAsync(now => now.Meeting is { Stage: "Member" }, "it is in the meeting", s_joining, cancel);
            await room.DoAsync(CommandNames.CameraOn, cancel);
            await room.DoAsync(CommandNames.Unmute, cancel);
            story.Tell(room.Name, "somebody there turned camera and microphones on");
        }));
        await Task.WhenAll(_rooms.Select(room => room.UntilAsync(now => SeesAndHears(now.Meeting), "it sees and hears the others", s_joining, cancel)));
        await Task.WhenAll(_rooms.Select(room => room.UntilAsync(_ => Agree(), "all agree on the security code", s_joining, cancel)));
        story.Tell("all", "see and hear each other and agree on the security code");
    }

    private void Point(Hub hub)
    {
        story.Say();
        story.Say("Look at it", isHeading: true);
        story.Say($"  hub          {hub.Address}  as {Hub.Mailbox} with {hub.Password} (a certificate of its own, which the browser asks about)");
        foreach (Room room in _rooms)
            story.Say($"  {room.Name,-12} {room.Page}  and: dotnet {Path.Combine(_programs, "roomctl", "release", "roomctl.dll")} --socket {room.Socket} status");
        story.Say($"  logs         {folder}");
        story.Say(settings.Lasts is { } lasts ? $"It ends after {lasts.TotalMinutes:0} minutes, or with Ctrl-C." : "It goes on until Ctrl-C.");
        story.Say();
    }

    private async Task<bool> WatchAsync()
    {
        TimeSpan end = settings.IsOnce ? story.Elapsed : settings.Lasts is { } lasts ? story.Elapsed + lasts : TimeSpan.MaxValue;
        while (true)
        {
            List<Measured> measured = await MeasureAsync();
            bool isGood = measured.TrueForAll(one => one.IsGood) && Agree();
            if (story.Elapsed < end && !cancel.IsCancellationRequested)
            {
                foreach (Measured one in measured)
                    story.Tell(one.Room.Name, one.InWords());
                if (!Agree())
                    story.Tell("all", "do not agree on a security code at the moment");
                await Task.Delay(s_sample, cancel).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                continue;
            }

            Summarise(measured, isGood);
            return isGood;
        }
    }

    private async Task<List<Measured>> MeasureAsync()
    {
        List<(Room Room, RoomView? View, TimeSpan At, byte[] Display)> before = [];
        foreach (Room room in _rooms)
            before.Add((room, room.View, story.Elapsed, await DisplayAsync(room)));
        await Task.Delay(s_sample, cancel).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        var measured = new List<Measured>();
        foreach ((Room room, RoomView? view, TimeSpan at, byte[] display) in before)
        {
            Measured one = Measured.Of(room, view?.Meeting, room.View?.Meeting, story.Elapsed - at, Wanted);
            byte[] later = await DisplayAsync(room);
            measured.Add(one with { IsMoving = !display.AsSpan().SequenceEqual(later) });
        }

        return measured;
    }

    private async Task<byte[]> DisplayAsync(Room room)
    {
        try
        {
            byte[] picture = await room.DisplayAsync(CancellationToken.None);
            await File.WriteAllBytesAsync(Path.Combine(folder, $"{room.Name}.png"), picture, CancellationToken.None);
            return picture;
        }
        catch (HttpRequestException)
        {
            return [];
        }
    }

    private void Summarise(List<Measured> measured, bool isGood)
    {
        story.Say();
        story.Say(Measured.Heading, isHeading: true);
        foreach (Measured one in measured)
            story.Say(one.Row());
        story.Say();
        story.Say(string.Create(CultureInfo.InvariantCulture, $"security code  {(Agree() ? "the same in all rooms: " + _rooms[0].Meeting!.Code!.Full : "NOT the same in all rooms")}"));
        story.Say(string.Create(CultureInfo.InvariantCulture, $"{(isGood ? "good" : "NOT GOOD")}: {_rooms.Count} rooms, {story.Elapsed.TotalSeconds:0.0} s{(settings.Loss > 0 ? $", {settings.Loss} % of datagrams lost each way" : "")}"));
    }

    private int Wanted => Math.Min(settings.Rooms - 1, MostChecked);

    private bool SeesAndHears(MeetingView? meeting) =>
        meeting is { Stage: "Member" } && meeting.Members.Count == _rooms.Count
        && meeting.Media.Streams.Count(stream => stream.IsVideo && stream.Frames >= LeastPictures) >= Wanted
        && meeting.Media.Streams.Count(stream => !stream.IsVideo && stream.Frames >= LeastSounds) >= Wanted;

    private bool Agree()
    {
        CodeView?[] codes = [.. _rooms.Select(room => room.Meeting?.Code)];
        return codes.All(code => code is { Status: "Current" } && code.Members == _rooms.Count && code.Epoch == codes[0]!.Epoch && code.Machine == codes[0]!.Machine);
    }

    private IEnumerable<string> SettingsOf(int room, Hub hub)
    {
        if (room < MostCodes)
            yield return $"hub.address={hub.Address}";
        yield return "room.countdown=3s";
        yield return "camera.size=640x360@15";
        yield return "display.size=1280x720@30";
        if (settings.Camera is { } camera && room == 0)
            yield return $"camera.source={(camera.Contains(':', StringComparison.Ordinal) ? camera : "v4l2:" + camera)}";
        if (settings.Microphone is { } microphone && room == 0)
            yield return $"microphones.source={(IsSource(microphone) ? microphone : "alsa:" + microphone)}";
        else
            yield return $"microphones.source=lavfi:{Voice(room)}";
    }

    private static bool IsSource(string text) => text.StartsWith("alsa:", StringComparison.Ordinal) || text.StartsWith("lavfi:", StringComparison.Ordinal) || text.StartsWith("file:", StringComparison.Ordinal);

    // FFmpeg's own voice, said once and then again and again.
    private static string Voice(int room) => string.Create(CultureInfo.InvariantCulture,
        $"flite=text='This is room {room + 1}. Every word of this meeting is sealed in this room and opened in yours, and nobody between us can listen.':voice={s_voices[room % s_voices.Length]},aresample=48000,apad=pad_dur=0.5,aloop=loop=-1:size=2000000,asetnsamples=480");
}
