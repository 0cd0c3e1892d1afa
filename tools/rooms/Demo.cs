using System.Globalization;
using RoomAgent.XApi;

namespace RoomAgent.Rooms;

/// <summary>The story: a hub, rooms that are paired by their codes, and a meeting that they join by themselves.</summary>
internal sealed class Demo(DemoSettings settings, Campus campus, string folder, CancellationToken cancel)
{
    private static readonly TimeSpan s_sample = TimeSpan.FromSeconds(4);

    private readonly Story _story = campus.Story;

    /// <summary>Tells it.</summary>
    /// <returns>Whether all rooms saw and heard each other and agreed on the code.</returns>
    public async Task<bool> RunAsync()
    {
        await campus.MeetAsync();
        if (!settings.IsOnce)
            Point();
        return await WatchAsync();
    }

    private void Point()
    {
        _story.Say();
        _story.Say("Look at it", isHeading: true);
        _story.Say($"  hub          {campus.Hub.Address}  as {Hub.Mailbox} with {campus.Hub.Password} (a certificate of its own, which the browser asks about)");
        foreach (Room room in campus.Rooms)
            _story.Say($"  {room.Name,-12} {room.Page}  and: dotnet {Path.Combine(Campus.Programs, "roomctl", "release", "roomctl.dll")} --socket {room.Socket} status");
        _story.Say($"  logs         {folder}");
        _story.Say(settings.Lasts is { } lasts ? $"It ends after {lasts.TotalMinutes:0} minutes, or with Ctrl-C." : "It goes on until Ctrl-C.");
        _story.Say();
    }

    private async Task<bool> WatchAsync()
    {
        TimeSpan end = settings.IsOnce ? _story.Elapsed : settings.Lasts is { } lasts ? _story.Elapsed + lasts : TimeSpan.MaxValue;
        while (true)
        {
            List<Measured> measured = await MeasureAsync();
            bool isGood = measured.TrueForAll(one => one.IsGood) && Campus.Agree(campus.Rooms);
            if (_story.Elapsed < end && !cancel.IsCancellationRequested)
            {
                foreach (Measured one in measured)
                    _story.Tell(one.Room.Name, one.InWords());
                if (!Campus.Agree(campus.Rooms))
                    _story.Tell("all", "do not agree on a security code at the moment");
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
        foreach (Room room in campus.Rooms)
            before.Add((room, room.View, _story.Elapsed, await DisplayAsync(room)));
        await Task.Delay(s_sample, cancel).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        var measured = new List<Measured>();
        foreach ((Room room, RoomView? view, TimeSpan at, byte[] display) in before)
        {
            Measured one = Measured.Of(room, view?.Meeting, room.View?.Meeting, _story.Elapsed - at, campus.Wanted);
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
        _story.Say();
        _story.Say(Measured.Heading, isHeading: true);
        foreach (Measured one in measured)
            _story.Say(one.Row());
        _story.Say();
        _story.Say(string.Create(CultureInfo.InvariantCulture, $"security code  {(Campus.Agree(campus.Rooms) ? "the same in all rooms: " + campus.Rooms[0].Meeting!.Code!.Full : "NOT the same in all rooms")}"));
        _story.Say(string.Create(CultureInfo.InvariantCulture, $"{(isGood ? "good" : "NOT GOOD")}: {campus.Rooms.Count} rooms, {_story.Elapsed.TotalSeconds:0.0} s{(settings.Loss > 0 ? $", {settings.Loss} % of datagrams lost each way" : "")}"));
    }
}
