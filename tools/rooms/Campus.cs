using System.Globalization;
using System.Net;
using RoomAgent.XApi;

namespace RoomAgent.Rooms;

/// <summary>A hub, rooms that are paired with it, and the meeting that they are in: all of them processes.</summary>
internal sealed class Campus : IAsyncDisposable
{
    // A hub gives so many codes for displays in a row to one address; further rooms take a setup code each.
    private const int MostCodes = 8;
    private const int MostChecked = 3;
    private const int LeastPictures = 20;
    private const int LeastSounds = 40;
    private static readonly TimeSpan s_pairing = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan s_joining = TimeSpan.FromSeconds(90);
    private static readonly string[] s_voices = ["kal", "slt", "rms", "awb"];

    private readonly DemoSettings _settings;
    private readonly string _folder;
    private readonly CancellationToken _cancel;
    private readonly List<Room> _rooms = [];

    private Campus(DemoSettings settings, string folder, Story story, CancellationToken cancel) => (_settings, _folder, Story, _cancel) = (settings, folder, story, cancel);

    /// <summary>Hears what happens.</summary>
    public Story Story { get; }

    /// <summary>The hub.</summary>
    public Hub Hub { get; private set; } = null!;

    /// <summary>What stands between the rooms and the media node; <see langword="null"/> for nothing.</summary>
    public LossyLink? Link { get; private set; }

    /// <summary>The rooms.</summary>
    public IReadOnlyList<Room> Rooms => _rooms;

    /// <summary>Where programs are.</summary>
    public static string Programs { get; } = Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "..", ".."));

    /// <summary>Of how many others a room has to see and hear something.</summary>
    public int Wanted => Math.Min(_rooms.Count - 1, MostChecked);

    /// <summary>Starts hub and rooms, and pairs them.</summary>
    public static async Task<Campus> OpenAsync(DemoSettings settings, string folder, Story story, CancellationToken cancel)
    {
        var campus = new Campus(settings, folder, story, cancel);
        try
        {
            await campus.BeginAsync();
            return campus;
        }
        catch
        {
            await campus.DisposeAsync();
            throw;
        }
    }

    /// <summary>Schedules a meeting that starts in seconds, and waits until all rooms are in it, see and hear each other, and agree on the code.</summary>
    public async Task MeetAsync()
    {
        await Task.WhenAll(_rooms.Select(room => room.UntilAsync(now => now.Phase == "Registered", "it is connected and certified", s_pairing, _cancel)));
        var places = new List<string>();
        foreach (Room room in _rooms)
            places.Add(await Hub.PlaceAsync(room.Name, _cancel));

        // Soon enough to be seen, late enough for all of them to hear of it.
        DateTime start = DateTime.UtcNow.AddSeconds(5);
        await Hub.ScheduleAsync("Demonstration", start, start.AddMinutes(Math.Max(60, (_settings.Lasts ?? default).TotalMinutes + 5)), places, _cancel);
        Story.Tell("Alice", $"scheduled an end-to-end encrypted meeting at {start:HH:mm:ss} UTC");

        await Task.WhenAll(_rooms.Select(async room =>
        {
            await room.UntilAsync(now => now.Meeting is { Stage: "Member" }, "it is in the meeting", s_joining, _cancel);
            await TurnOnAsync(room);
        }));
        await Task.WhenAll(_rooms.Select(room => room.UntilAsync(now => SeesAndHears(now.Meeting), "it sees and hears the others", s_joining, _cancel)));
        await Task.WhenAll(_rooms.Select(room => room.UntilAsync(_ => Agree(_rooms), "all agree on the security code", s_joining, _cancel)));
        Story.Tell("all", "see and hear each other and agree on the security code");
    }

    /// <summary>Somebody in the room turns camera and microphones on.</summary>
    public async Task TurnOnAsync(Room room)
    {
        await room.DoAsync(CommandNames.CameraOn, _cancel);
        await room.DoAsync(CommandNames.Unmute, _cancel);
        Story.Tell(room.Name, "somebody there turned camera and microphones on");
    }

    /// <summary>Whether all of these are in one state of one group, and show its code.</summary>
    public static bool Agree(IReadOnlyList<Room> rooms)
    {
        CodeView?[] codes = [.. rooms.Select(room => room.Meeting?.Code)];
        return codes.All(code => code is { Status: "Current" } && code.Members == rooms.Count && code.Epoch == codes[0]!.Epoch && code.Machine == codes[0]!.Machine);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await Task.WhenAll(_rooms.Select(room => room.DisposeAsync().AsTask()));
        if (Hub is not null)
            await Hub.DisposeAsync();
        if (Link is not null)
            await Link.DisposeAsync();
    }

    private async Task BeginAsync()
    {
        int[] ports = [Ports.FreeUdp(), Ports.FreeUdp()];
        Link = _settings.HasLink ? LossyLink.Open(ports, _settings.Loss) : null;
        Hub = await Hub.StartAsync(Programs, _folder, ports, Link is null ? IPAddress.Loopback : LossyLink.Address, _cancel);
        Story.Tell("hub", $"runs at {Hub.Address}; Alice is its first administrator");

        string words = await Hub.WordsAsync(_cancel);
        for (int i = 0; i < _settings.Rooms; i++)
            _rooms.Add(Room.Start($"room-{i + 1}", Programs, _folder, SettingsOf(i), Story));

        // One administrator, who enters one code after the other.
        using var administrator = new SemaphoreSlim(1, 1);
        await Task.WhenAll(_rooms.Select((room, i) => i < MostCodes ? PairByCodeAsync(room, words, administrator) : PairBySetupCodeAsync(room)));
    }

    // 1. somebody in the room compares the hub's words   2. an administrator enters the code, and compares the digits with the display
    private async Task PairByCodeAsync(Room room, string words, SemaphoreSlim administrator)
    {
        RoomView view = await room.UntilAsync(now => now.Account.State == "HubUnknown", "it finds the hub", s_pairing, _cancel);
        if (view.Account.Words != words)
            throw new DemoProblem($"{room.Name} found another hub: {view.Account.Words}, and not {words}.");
        await room.DoAsync(CommandNames.ConfirmHub, _cancel, ("Words", words));

        view = await room.UntilAsync(now => now.Account.State == "Pairing", "it shows a code", s_pairing, _cancel);
        await administrator.WaitAsync(_cancel);
        try
        {
            string digits = await Hub.LookUpAsync(view.Account.Code!, _cancel);
            if (digits.Replace(" ", "", StringComparison.Ordinal) != view.Account.Digits?.Replace(" ", "", StringComparison.Ordinal))
                throw new DemoProblem($"{room.Name} shows the digits {view.Account.Digits}, and the hub's page {digits}.");
            await Hub.ApproveAsync(view.Account.Code!, room.Name, _cancel);
            Story.Tell("Alice", $"entered the code of {room.Name}; the digits are the same");
        }
        finally
        {
            administrator.Release();
        }
    }

    private async Task PairBySetupCodeAsync(Room room)
    {
        await room.UntilAsync(_ => true, "it starts", s_pairing, _cancel);
        await room.DoAsync(CommandNames.Pair, _cancel, ("With", await Hub.SetupCodeAsync(room.Name, _cancel)));
    }

    private bool SeesAndHears(MeetingView? meeting) =>
        meeting is { Stage: "Member" } && meeting.Members.Count == _rooms.Count
        && meeting.Media.Streams.Count(stream => stream.IsVideo && stream.Frames >= LeastPictures) >= Wanted
        && meeting.Media.Streams.Count(stream => !stream.IsVideo && stream.Frames >= LeastSounds) >= Wanted;

    private IEnumerable<string> SettingsOf(int room)
    {
        if (room < MostCodes)
            yield return $"hub.address={Hub.Address}";
        yield return "room.countdown=3s";
        yield return $"camera.size={_settings.Pictures}";
        yield return $"display.size={_settings.Display}";
        if (_settings.Camera is { } camera && room == 0)
            yield return $"camera.source={(camera.Contains(':', StringComparison.Ordinal) ? camera : "v4l2:" + camera)}";
        if (_settings.Microphone is { } microphone && room == 0)
            yield return $"microphones.source={(IsSource(microphone) ? microphone : "alsa:" + microphone)}";
        else if (_settings.HasVoices)
            yield return $"microphones.source=lavfi:{Voice(room)}";
    }

    private static bool IsSource(string text) => text.StartsWith("alsa:", StringComparison.Ordinal) || text.StartsWith("lavfi:", StringComparison.Ordinal) || text.StartsWith("file:", StringComparison.Ordinal);

    // FFmpeg's own voice, said once and then again and again.
    private static string Voice(int room) => string.Create(CultureInfo.InvariantCulture,
        $"flite=text='This is room {room + 1}. Every word of this meeting is sealed in this room and opened in yours, and nobody between us can listen.':voice={s_voices[room % s_voices.Length]},aresample=48000,apad=pad_dur=0.5,aloop=loop=-1:size=2000000,asetnsamples=480");
}
