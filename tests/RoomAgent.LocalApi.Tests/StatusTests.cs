using System.Diagnostics;
using System.Net;
using RoomAgent.Agent.Ports;
using RoomAgent.XApi;

namespace RoomAgent.LocalApi.Tests;

/// <summary>What is told of the room, and when.</summary>
public sealed class StatusTests
{
    [Fact]
    public async Task TheCodeToPairIsToldSinceTheDisplayShowsItToo()
    {
        await using OpenDoor door = await OpenDoor.OpenAsync();
        door.Room.Set(status => status with { Account = new CloudState.Pairing("ABCD-EFGH", "hub/pair", "hub/pair?code=ABCDEFGH", "123456", TestRoom.Words, DateTimeOffset.UnixEpoch) });

        RoomView room = await ReadAsync(door, "/status");

        Assert.Equal(new AccountView { State = "Pairing", Code = "ABCD-EFGH", Page = "hub/pair", Digits = "123456", Words = TestRoom.Words, ExpiresAt = DateTimeOffset.UnixEpoch }, room.Account);
    }

    [Fact]
    public async Task WhoWaitsHearsOfAChangeAtOnceAndOfTheLastOfMany()
    {
        await using OpenDoor door = await OpenDoor.OpenAsync();
        RoomView before = await ReadAsync(door, "/status");
        var watch = Stopwatch.StartNew();

        Task<RoomView> waiting = ReadAsync(door, $"/status?after={before.Version}&wait=20");
        await Task.Delay(100);
        Assert.False(waiting.IsCompleted);
        door.Room.Set(status => status with { IsMuted = false });
        RoomView after = await waiting;
        door.Room.Set(status => status with { IsMuted = true });
        door.Room.Set(status => status with { IsCameraOff = false });
        RoomView last = await ReadAsync(door, $"/status?after={after.Version}&wait=20");

        Assert.False(after.IsMuted);
        Assert.True(after.Version > before.Version);
        Assert.True(last is { IsMuted: true, IsCameraOff: false });
        Assert.InRange(watch.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task NobodyWaitsForAVersionOfADaemonThatIsGone()
    {
        await using OpenDoor door = await OpenDoor.OpenAsync();
        var watch = Stopwatch.StartNew();

        await ReadAsync(door, "/status?after=1000000&wait=20");

        Assert.InRange(watch.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task PatienceEnds()
    {
        await using OpenDoor door = await OpenDoor.OpenAsync();
        RoomView before = await ReadAsync(door, "/status");

        RoomView after = await ReadAsync(door, $"/status?after={before.Version}&wait=1");

        Assert.Equal(before.Version, after.Version);
    }

    [Theory]
    [InlineData("?wait=31")]
    [InlineData("?wait=-1")]
    [InlineData("?wait=a")]
    [InlineData("?wait=1&wait=2")]
    [InlineData("?after=99999999999999999999")]
    [InlineData("?after=")]
    public async Task AQuestionThatMakesNoSenseIsRefused(string query)
    {
        await using OpenDoor door = await OpenDoor.OpenAsync();

        using HttpResponseMessage response = await door.Socket.GetAsync("/status" + query);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
    }

    [Fact]
    public async Task TheDisplayIsToldAsItIsAndDrawnSeldomHoweverManyAsk()
    {
        await using OpenDoor door = await OpenDoor.OpenAsync(settings => settings with { SnapshotEvery = TimeSpan.FromMinutes(1) });
        door.Picture = [1, 2, 3];

        byte[][] all = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => door.Page.GetByteArrayAsync("/display.png")));

        Assert.All(all, picture => Assert.Equal([1, 2, 3], picture));
        Assert.Equal(1, door.Pictures);
    }

    [Fact]
    public async Task ADisplayThatIsNotThereIsNotThere()
    {
        await using OpenDoor door = await OpenDoor.OpenAsync();

        using HttpResponseMessage response = await door.Page.GetAsync("/display.png");

        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
    }

    [Fact]
    public async Task NamesOfStrangersAreWordsOnThePageAndNothingElse()
    {
        await using OpenDoor door = await OpenDoor.OpenAsync();
        door.Room.Set(status => status with { RoomName = "<b>Library</b>" });
        door.Room.Meet("Library", "<script>alert(1)</script>");
        door.Room.Set(status => status with { Meeting = status.Meeting! with { Title = "\"><img src=x>" } });

        string page = await door.Page.GetStringAsync("/");

        Assert.DoesNotContain("<script", page, StringComparison.Ordinal);
        Assert.DoesNotContain("<b>", page, StringComparison.Ordinal);
        Assert.DoesNotContain("<img src=x", page, StringComparison.Ordinal);
        Assert.Contains("In a meeting with 1 others, muted, camera off.", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ThePageFollowsUnlessItIsToldToStandStill()
    {
        await using OpenDoor door = await OpenDoor.OpenAsync();

        using HttpResponseMessage moving = await door.Page.GetAsync("/"), still = await door.Page.GetAsync("/?still");

        Assert.Equal("2", moving.Headers.GetValues("Refresh").Single());
        Assert.False(still.Headers.Contains("Refresh"));
    }

    [Fact]
    public async Task ThoseWhoWaitAreSentAwayWhenTheDoorCloses()
    {
        OpenDoor door = await OpenDoor.OpenAsync();
        RoomView before = await ReadAsync(door, "/status");
        HttpClient client = door.NewSocketClient();
        Task<HttpResponseMessage> waiting = client.GetAsync($"/status?after={before.Version}&wait=30");
        await Task.Delay(100);
        var watch = Stopwatch.StartNew();

        await door.DisposeAsync();

        Assert.InRange(watch.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(5));
        await waiting.ContinueWith(_ => { }, TaskScheduler.Default);
        client.Dispose();
    }

    private static async Task<RoomView> ReadAsync(OpenDoor door, string path) => RoomJson.ReadView(await door.Socket.GetByteArrayAsync(path))!;
}
