using System.Diagnostics;
using RoomAgent.Agent.Room;
using RoomAgent.Hal;
using RoomAgent.Hub.MediaNode;

namespace RoomAgent.Whole.Tests;

/// <summary>
/// Many whole rooms in one meeting on one machine, each with a picture a second: all are in the same state, and each shows who is there (REQUIREMENTS A35, D03).
/// 20 of them; <c>ROOMAGENT_ROOMS</c> has as many as one wants.
/// </summary>
[Collection(typeof(Alone))]
public sealed class ManyRoomsTests
{
    // As many as the node forwards to a room at a time.
    private static readonly int s_mostPictures = new NodeSettings().LastCameras;

    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(2);

    private static int Count => int.TryParse(Environment.GetEnvironmentVariable("ROOMAGENT_ROOMS"), out int rooms) ? rooms : 20;

    [Fact]
    public async Task AllAgreeAndEachShowsWhoIsThere()
    {
        await using School school = await School.StartAsync();
        var rooms = new List<WholeRoom>();
        try
        {
            string[] names = [.. Enumerable.Range(1, Count).Select(number => $"Room {number:00}")];
            foreach (string[] some in names.Chunk(5))
                rooms.AddRange(await Task.WhenAll(some.Select(name => PairAsync(school, name))));
            foreach (string name in names)
                await school.PlaceAsync(name);

            // 1. All come at once, and are one group with one code.
            var watch = Stopwatch.StartNew();
            await school.ScheduleAsync(DateTime.UtcNow, DateTime.UtcNow.AddHours(1), names);
            await AgreeAsync(rooms);
            TestContext.Current.TestOutputHelper?.WriteLine($"{Count} rooms agree {watch.Elapsed.TotalSeconds:0.0} s after they were invited, in epoch {rooms[0].Meeting!.Epoch}");

            // 2. Each sees others: as many as there is place for on a screen.
            int pictures = Math.Min(Count - 1, s_mostPictures);
            foreach (WholeRoom room in rooms)
                await room.UntilAsync(status => status.Meeting!.Media.Streams.Count(stream => stream.IsVideo && stream.Frames >= 3) >= pictures, s_patience);
            Assert.All(rooms, room => Assert.True(room.Meeting!.Media.Streams.Where(stream => stream.IsVideo).All(stream => IsOfAnother(room, stream))));

            // 3. One goes, and everybody knows.
            Assert.True((await rooms[^1].Room.LeaveAsync()).IsDone);
            await AgreeAsync(rooms[..^1]);
        }
        finally
        {
            await Task.WhenAll(rooms.Select(room => room.DisposeAsync().AsTask()));
        }
    }

    private static async Task<WholeRoom> PairAsync(School school, string name)
    {
        WholeRoom room = WholeRoom.Start(
            await school.SetupCodeAsync(name),
            change: settings => settings with { PictureFormat = new VideoFormat(160, 90, 1), DisplaySize = new VideoFormat(320, 180, 30), JoinsUnmuted = false });
        await room.UntilAsync(status => status.Phase == DevicePhase.Registered, s_patience);
        return room;
    }

    // The same epoch, authenticator and code on each, and on each all of them, by the names of their certificates.
    private static async Task AgreeAsync(List<WholeRoom> rooms)
    {
        string[] names = [.. rooms.Select(room => room.Status.DnsName!).Order(StringComparer.Ordinal)];
        foreach (WholeRoom room in rooms)
        {
            await room.UntilAsync(status => status.Meeting is { Stage: MeetingStage.Member } meeting && meeting.Members.Count == rooms.Count, s_patience);
            if (room.Status.IsCameraOff)
                Assert.True((await room.Room.SwitchCameraAsync(false)).IsDone);
        }

        await Gathering.AgreeAsync([.. rooms]);
        Assert.Single(rooms.Select(room => (room.Meeting!.Epoch, room.Meeting.Authenticator, room.Meeting.Code.Code!.Machine)).Distinct());
        foreach (WholeRoom room in rooms)
        {
            Assert.Equal(names, room.Meeting!.Members.Select(member => member.Name).Order(StringComparer.Ordinal));
            Assert.Equal(room.Status.DnsName, Assert.Single(room.Meeting.Members, member => member.IsSelf).Name);
            Assert.All(room.Meeting.Members, member => Assert.Equal(IdentityVerdict.Vouched, member.Verdict));
            MeetingScene scene = Assert.IsType<MeetingScene>(RoomScenes.Of(room.Status, new ScreenLook()).Scene);
            Assert.Equal(names.Where(name => name != room.Status.DnsName), scene.Tiles.Select(tile => tile.Name).Order(StringComparer.Ordinal));
        }
    }

    private static bool IsOfAnother(WholeRoom room, StreamStatus stream) =>
        room.Meeting!.Members.Any(member => member.Leaf.Value == stream.Leaf && !member.IsSelf);
}

/// <summary>What keeps the whole machine busy, so that nothing else is tried beside it.</summary>
[CollectionDefinition(DisableParallelization = true)]
public sealed class Alone;
