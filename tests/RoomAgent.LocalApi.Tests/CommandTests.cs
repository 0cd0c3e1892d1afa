using System.Text.Json.Nodes;
using RoomAgent.Agent.Calendar;
using RoomAgent.Agent.Ports;
using RoomAgent.Agent.Room;
using RoomAgent.LocalApi.Commands;
using RoomAgent.XApi;

namespace RoomAgent.LocalApi.Tests;

/// <summary>What can be asked for by the socket, and what is refused.</summary>
public sealed class CommandTests
{
    [Fact]
    public async Task MicrophonesAndCameraOpenAndClose()
    {
        await using OpenDoor door = await OpenDoor.OpenAsync();

        await door.CallAsync("xCommand/Audio/Microphones/Unmute");
        await door.CallAsync("xcommand/video/input/mainvideo/unmute"); // capital letters are as one likes
        Assert.True(door.Room.Status is { IsMuted: false, IsCameraOff: false });

        await door.CallAsync("xCommand/Audio/Microphones/ToggleMute");
        await door.CallAsync("xCommand/Video/Input/MainVideo/Mute");
        Assert.True(door.Room.Status is { IsMuted: true, IsCameraOff: true });
    }

    [Fact]
    public async Task WhatTheRoomWillNotDoComesWithItsReason()
    {
        await using OpenDoor door = await OpenDoor.OpenAsync();

        JsonNode reply = await door.CallAsync("xCommand/Call/Disconnect");

        Assert.Equal((int)RpcFault.Failed, (int)reply["error"]!["code"]!);
        Assert.Equal("The room is in no meeting.", (string?)reply["error"]!["message"]);
    }

    [Theory]
    [InlineData("xCommand/Nothing", "{}", RpcFault.UnknownMethod)]
    [InlineData("xCommand/Dial", "{}", RpcFault.BadArguments)]
    [InlineData("xCommand/Dial", """{"Number":""}""", RpcFault.BadArguments)]
    [InlineData("xCommand/Dial", """{"Number":"a\u0000b"}""", RpcFault.BadArguments)]
    [InlineData("xCommand/Dial", """{"Number":"a","Other":1}""", RpcFault.BadArguments)]
    [InlineData("xCommand/Dial", """{"Number":["a"]}""", RpcFault.NotARequest)]
    [InlineData("xCommand/Conference/DoNotDisturb/Activate", """{"Timeout":0}""", RpcFault.BadArguments)]
    [InlineData("xCommand/Conference/DoNotDisturb/Activate", """{"Timeout":10081}""", RpcFault.BadArguments)]
    [InlineData("xCommand/Conference/DoNotDisturb/Activate", """{"Timeout":99999999999999999999}""", RpcFault.BadArguments)]
    [InlineData("xCommand/Conference/DoNotDisturb/Activate", """{"Timeout":1.5}""", RpcFault.BadArguments)]
    [InlineData("xCommand/Conference/Lock", """{"Lock":"Perhaps"}""", RpcFault.BadArguments)]
    [InlineData("xCommand/Conference/Participant/Disconnect", """{"ParticipantId":"zz"}""", RpcFault.BadArguments)]
    [InlineData("xCommand/RoomAgent/Meeting/Join", """{"MeetingId":"0102"}""", RpcFault.BadArguments)]
    public async Task WhatIsOutsideItsRangeIsRefusedBeforeTheDeed(string method, string arguments, RpcFault fault)
    {
        await using OpenDoor door = await OpenDoor.OpenAsync();
        RoomStatus before = door.Room.Status;

        JsonNode reply = await door.CallAsync(method, arguments);

        Assert.Equal((int)fault, (int)reply["error"]!["code"]!);
        Assert.Same(before, door.Room.Status);
    }

    [Fact]
    public async Task TheEndsOfARangeBelongToIt()
    {
        await using OpenDoor door = await OpenDoor.OpenAsync();
        foreach (int minutes in (int[])[1, 10080])
        {
            await door.CallAsync("xCommand/Conference/DoNotDisturb/Activate", $$"""{"Timeout":{{minutes}}}""");
            Assert.Equal(DateTimeOffset.UnixEpoch.AddMinutes(minutes), door.Room.Status.DoNotDisturbUntil);
        }
    }

    [Fact]
    public async Task WhoIsPutOutIsNamedByTheirKeyAndNeverTheRoomItself()
    {
        await using OpenDoor door = await OpenDoor.OpenAsync();
        door.Room.Meet("Library", "Lab");
        string Id(byte number) => TestRoom.Somebody(number).KeyHash.ToString();

        JsonNode itself = await door.CallAsync(CommandNames.Eject, $$"""{"ParticipantId":"{{Id(1)}}"}""");
        JsonNode other = await door.CallAsync(CommandNames.Eject, $$"""{"ParticipantId":"{{Id(2)}}"}""");

        Assert.NotNull(itself["error"]);
        Assert.NotNull(other["result"]);
        Assert.Equal(TestRoom.Somebody(2), Assert.Single(door.Room.Ejected));
    }

    [Fact]
    public async Task TheCalendarIsListedAndOneOfItIsJoined()
    {
        await using OpenDoor door = await OpenDoor.OpenAsync();
        Occurrence weekly = TestRoom.Booking(5, "Weekly"), lunch = TestRoom.Booking(6, "Lunch") with { Elsewhere = "Zoom" };
        door.Room.Set(status => status with { Calendar = [weekly, lunch] });

        JsonNode all = (await door.CallAsync(CommandNames.Bookings))["result"]!["booking"]!;
        JsonNode one = (await door.CallAsync(CommandNames.Bookings, """{"Limit":1}"""))["result"]!["booking"]!.AsArray().Single()!;
        await door.CallAsync(CommandNames.Join, $$"""{"MeetingId":"{{one["meeting_id"]}}","Instance":"{{one["instance"]}}"}""");

        Assert.Equal("Zoom", (string?)all[1]!["elsewhere"]);
        Assert.Equal(weekly.Name, door.Room.Joined);
    }

    [Fact]
    public async Task ASetupCodeReachesTheRoomAndIsToldToNobody()
    {
        await using OpenDoor door = await OpenDoor.OpenAsync();

        JsonNode reply = await door.CallAsync(CommandNames.Pair, """{"With":"very-secret"}""");

        Assert.Equal("very-secret", door.Room.PairedWith);
        Assert.DoesNotContain("very-secret", reply.ToJsonString() + await door.Socket.GetStringAsync("/status"), StringComparison.Ordinal);
        Assert.DoesNotContain("very-secret", new RpcRequest("1", CommandNames.Pair, new Dictionary<string, string> { ["With"] = "very-secret" }).ToString(), StringComparison.Ordinal);
        Assert.IsType<CloudState.HubUnknown>(door.Room.Status.Account);
    }

    [Fact]
    public async Task WhoGivesNoIdGetsNoReplyAndTheDeedIsDone()
    {
        await using OpenDoor door = await OpenDoor.OpenAsync();

        using HttpResponseMessage response = await OpenDoor.PostAsync(door.Socket, """{"jsonrpc":"2.0","method":"xCommand/Audio/Microphones/Unmute"}""");

        Assert.Equal(System.Net.HttpStatusCode.NoContent, response.StatusCode);
        Assert.False(door.Room.Status.IsMuted);
    }

    [Fact]
    public void EveryCommandHasItsOwnNameAndEveryNameItsCommand()
    {
        string[] names = [.. typeof(CommandNames).GetFields().Select(field => (string)field.GetRawConstantValue()!)];

        Assert.Equal(names.Order(StringComparer.Ordinal), CommandTable.All.Select(command => command.Name).Order(StringComparer.Ordinal));
    }
}
