using System.Text.Json.Nodes;
using RoomAgent.Agent.Calendar;
using RoomAgent.Agent.Meetings;
using RoomAgent.Agent.Ports;
using RoomAgent.Agent.Room;
using RoomAgent.Hal;

namespace RoomAgent.Whole.Tests;

/// <summary>From pairing to picture, with nothing that stands in for anything but the devices: the daemon's rooms, the hub, its media node, real time.</summary>
public sealed class JoinTests : IAsyncLifetime
{
    private readonly List<WholeRoom> _rooms = [];
    private School _school = null!;

    public async ValueTask InitializeAsync() => _school = await School.StartAsync();

    public async ValueTask DisposeAsync()
    {
        foreach (WholeRoom room in _rooms)
            await room.DisposeAsync();
        await _school.DisposeAsync();
    }

    [Fact]
    public async Task TwoRoomsPairJoinByThemselvesAndSeeAndHearEachOther()
    {
        (WholeRoom library, WholeRoom lab) = await TwoAsync();

        await MeetAsync(library, lab);

        foreach (WholeRoom room in _rooms)
        {
            await room.UntilAsync(SeesAndHears);
            await room.UntilAsync(status => status.Meeting!.Code.Status == CodeStatus.Current);
            await room.UntilAsync(status => status.Meeting!.Members.Any(member => member is { IsSelf: false, IsSpeaking: true }));
        }

        Assert.Equal(library.Meeting!.Epoch, lab.Meeting!.Epoch);
        Assert.Equal(library.Meeting.Code.Code!.Machine, lab.Meeting.Code.Code!.Machine);
        Assert.Equal(library.Meeting.Authenticator, lab.Meeting.Authenticator);

        // Of what was sealed before it came a room can open nothing; from now on it opens everything.
        long undecryptable = library.Meeting.Media.Undecryptable + lab.Meeting.Media.Undecryptable;
        await Task.Delay(TimeSpan.FromSeconds(3));
        Assert.Equal(undecryptable, library.Meeting!.Media.Undecryptable + lab.Meeting!.Media.Undecryptable);
        Assert.All(library.Meeting.Members, member => Assert.Equal(IdentityVerdict.Vouched, member.Verdict));
        Assert.StartsWith("UDP ", lab.Meeting.Media.Transport, StringComparison.Ordinal);
    }

    // MEETING section 1: what is verified is so by an authority that was installed at the device, and not by the service's word.
    [Fact]
    public async Task WhoIsCertifiedByAnAuthorityThatTheRoomReliesOnItselfIsVerified()
    {
        string file = Path.GetTempFileName();
        await File.WriteAllTextAsync(file, await _school.Hub.Http.GetStringAsync("/hub/authority"));
        WholeRoom library = await PairAsync("Library", settings => settings with { Authorities = file });
        WholeRoom lab = await PairAsync("Lab");
        File.Delete(file);
        await _school.PlaceAsync("Library");
        await _school.PlaceAsync("Lab");

        await MeetAsync(library, lab);

        Assert.All(library.Meeting!.Members, member => Assert.Equal(IdentityVerdict.Verified, member.Verdict));
        Assert.All(lab.Meeting!.Members, member => Assert.Equal(IdentityVerdict.Vouched, member.Verdict));
    }

    [Fact]
    public async Task ARoomShowsACodeAfterItsHubsWordsWereConfirmedAndIsClaimedByIt()
    {
        // The hub's own certificate is nobody's word for it: people compare the words.
        WholeRoom room = Add(WholeRoom.Start("", change: settings => settings with { HubAddress = _school.Hub.Address.Url }));
        await room.UntilAsync(status => status.Account is CloudState.HubUnknown);
        Assert.False((await room.Room.ConfirmHubAsync("not-the-right-words-of-the-hub")).IsDone);
        string words = ((CloudState.HubUnknown)room.Status.Account).Words;
        Assert.Equal(words, ((HubWordsScene)RoomScenes.Of(room.Status, new ScreenLook()).Scene).Words);
        Assert.True((await room.Room.ConfirmHubAsync(words)).IsDone);

        await room.UntilAsync(status => status.Account is CloudState.Pairing);
        var shown = (CloudState.Pairing)room.Status.Account;
        JsonNode waiting = await _school.ApiAsync(HttpMethod.Post, "/api/pairing/lookup", new { user_code = shown.Code });
        Assert.Equal(shown.Digits, (string)waiting["confirmation"]!);
        await _school.ApiAsync(HttpMethod.Post, "/api/pairing/decision", new { user_code = shown.Code, approve = true, device_name = "Attic" });

        await room.UntilAsync(status => status.Phase == DevicePhase.Registered);
        await room.UntilAsync(status => status.IsWithoutRoom);
        await _school.PlaceAsync("Attic");
        await room.UntilAsync(status => status.RoomName == "Attic");
    }

    [Fact]
    public async Task ARoomThatIsSwitchedOffInAMeetingIsBackByItself()
    {
        (WholeRoom library, WholeRoom lab) = await TwoAsync();
        await MeetAsync(library, lab);
        await lab.UntilAsync(SeesAndHears);

        await lab.RestartAsync();

        await lab.UntilAsync(status => status.Meeting is { Stage: MeetingStage.Member, Members.Count: 2 }, TimeSpan.FromSeconds(10));
        await lab.UntilAsync(SeesAndHears);
        await library.UntilAsync(status => status.Meeting is { Members.Count: 2 });
    }

    [Fact]
    public async Task WhoIsPutOutSeesAndHearsNothingMoreAndIsTold()
    {
        (WholeRoom library, WholeRoom lab) = await TwoAsync();
        await MeetAsync(library, lab);
        WholeRoom host = library.Meeting!.IsHost ? library : lab, other = host == library ? lab : library;
        MemberStatus target = host.Meeting!.Members.Single(member => !member.IsSelf);
        Assert.False((await other.Room.EjectAsync(other.Meeting!.Members.Single(member => member.IsHost).Who)).IsDone);

        Assert.True((await host.Room.EjectAsync(target.Who)).IsDone);

        await other.UntilAsync(status => status.Meeting is { Stage: MeetingStage.Ended, Trouble: Trouble.RemovedFromMeeting });
        Assert.Equal(Trouble.RemovedFromMeeting, Assert.IsType<TroubleScene>(RoomScenes.Of(other.Status, new ScreenLook()).Scene).What);
        await host.UntilAsync(status => status.Meeting is { Members.Count: 1 });
        Assert.True(other.Status is { IsMuted: true, IsCameraOff: true });

        // It does not come back by itself.
        await Task.Delay(TimeSpan.FromSeconds(3));
        Assert.Single(host.Meeting!.Members);
    }

    [Fact]
    public async Task WhatIsOffIsClosedAndTheOthersAreTold()
    {
        (WholeRoom library, WholeRoom lab) = await TwoAsync();
        await MeetAsync(library, lab);
        await lab.UntilAsync(SeesAndHears);

        await library.Room.MuteAsync(true);
        await library.Room.SwitchCameraAsync(true);

        await lab.UntilAsync(status => status.Meeting!.Members.Any(member => member is { IsSelf: false, IsMuted: true, IsCameraOff: true }), TimeSpan.FromSeconds(3));

        await lab.UntilAsync(status => status.Meeting!.Members.All(member => !member.IsSpeaking || member.IsSelf), TimeSpan.FromSeconds(5));

        // What was counted last is a second old at the most.
        await Task.Delay(TimeSpan.FromSeconds(3));
        long sent = library.Meeting!.Media.PicturesSent + library.Meeting.Media.SoundsSent;
        await Task.Delay(TimeSpan.FromSeconds(1.5));
        Assert.Equal(sent, library.Meeting!.Media.PicturesSent + library.Meeting.Media.SoundsSent);
    }

    [Fact]
    public async Task ARoomJoinsMutedUnlessItsPolicySaysOtherwise()
    {
        WholeRoom room = await PairAsync("Library", settings => settings with { JoinsUnmuted = false });
        await _school.PlaceAsync("Library");
        await _school.ScheduleAsync(DateTime.UtcNow, DateTime.UtcNow.AddHours(1), "Library");

        await room.UntilAsync(status => status.Meeting is { Stage: MeetingStage.Member });

        Assert.True(room.Status is { IsMuted: true, IsCameraOff: true });
    }

    [Fact]
    public async Task AMeetingThatIsCalledOffIsNotJoinedAndOneThatIsStoppedIsNot()
    {
        WholeRoom room = Add(WholeRoom.Start(await _school.SetupCodeAsync("Library"), new AgendaSettings { Countdown = TimeSpan.FromSeconds(20) }));
        await room.UntilAsync(status => status.Phase == DevicePhase.Registered);
        await _school.PlaceAsync("Library");
        string meeting = await _school.ScheduleAsync(DateTime.UtcNow, DateTime.UtcNow.AddHours(1), "Library");
        await room.UntilAsync(status => status.Countdown is not null, TimeSpan.FromSeconds(3));

        // Within a second.
        await _school.ApiAsync(HttpMethod.Delete, $"/api/meetings/{meeting}");
        await room.UntilAsync(status => status.Countdown is null, TimeSpan.FromSeconds(1.5));

        await _school.ScheduleAsync(DateTime.UtcNow, DateTime.UtcNow.AddHours(1), "Library");
        await room.UntilAsync(status => status.Countdown is not null, TimeSpan.FromSeconds(3));
        Assert.True((await room.Room.StopCountdownAsync()).IsDone);
        await room.UntilAsync(status => status.Countdown is null);
        Assert.Null(room.Meeting);
    }

    [Fact]
    public async Task ARoomGoesFromOneMeetingToAnotherAndIsInOneAtATime()
    {
        (WholeRoom library, WholeRoom lab) = await TwoAsync();
        await MeetAsync(library, lab);
        OccurrenceName first = library.Meeting!.Name;
        await _school.ScheduleAsync(DateTime.UtcNow, DateTime.UtcNow.AddHours(1), "Library");
        await library.UntilAsync(status => status.Calendar.Count == 2);
        Occurrence other = library.Status.Calendar.Single(entry => entry.Name != first);

        Assert.True((await library.Room.JoinAsync(other.Name)).IsDone);
        await library.UntilAsync(status => status.Meeting is { Stage: MeetingStage.Member } meeting && meeting.Name == other.Name);
        await lab.UntilAsync(status => status.Meeting is { Members.Count: 1 });

        Assert.True((await library.Room.JoinAsync(first)).IsDone);
        await library.UntilAsync(status => status.Meeting is { Stage: MeetingStage.Member, Members.Count: 2 } meeting && meeting.Name == first);
        await library.UntilAsync(SeesAndHears);
    }

    [Fact]
    public async Task AMeetingInWhichTheRoomCouldNotBeIsNotJoinedAndEndsNothing()
    {
        WholeRoom room = Add(WholeRoom.Start(await _school.SetupCodeAsync("Library"), hub: services => new DishonestHub(services) { Policy = DishonestHub.UnderOtherAnchors }));
        await room.UntilAsync(status => status.Phase == DevicePhase.Registered);
        await _school.PlaceAsync("Library");
        await _school.ScheduleAsync(DateTime.UtcNow, DateTime.UtcNow.AddHours(1), "Library");

        await room.UntilAsync(status => status.Meeting is { Stage: MeetingStage.Ended, Trouble: Trouble.MeetingNotSecure });

        // It is shown for a while, and not tried again and again.
        await room.UntilAsync(status => status.Meeting is null);
        await Task.Delay(TimeSpan.FromSeconds(2));
        Assert.True(room.Status is { Meeting: null, Countdown: null, Phase: DevicePhase.Registered });
    }

    [Fact]
    public async Task WhoseAccessIsTakenAwayLeavesAndForgetsEverything()
    {
        (WholeRoom library, WholeRoom lab) = await TwoAsync();
        await MeetAsync(library, lab);
        JsonArray devices = (await _school.ApiAsync(HttpMethod.Get, "/api/devices"))["devices"]!.AsArray();
        string device = (string)devices.Single(one => (string)one!["name"]! == "Lab")!["id"]!;

        await _school.ApiAsync(HttpMethod.Post, $"/api/devices/{device}/reset-access");

        await lab.UntilAsync(status => status.Phase == DevicePhase.Revoked);
        await lab.UntilAsync(status => status is { Meeting: null or { Stage: MeetingStage.Ended }, CertifiedUntil: null, RoomName: "", Calendar.Count: 0 });
        await library.UntilAsync(status => status.Meeting is { Members.Count: 1 });
    }

    private static bool SeesAndHears(RoomStatus status) =>
        status.Meeting is { Stage: MeetingStage.Member } meeting
        && meeting.Media.Streams.Any(stream => stream.IsVideo && stream.Frames > 10)
        && meeting.Media.Streams.Any(stream => !stream.IsVideo && stream.Frames > 50);

    private WholeRoom Add(WholeRoom room)
    {
        _rooms.Add(room);
        return room;
    }

    private async Task<WholeRoom> PairAsync(string name, Func<Agent.Settings.RoomSettings, Agent.Settings.RoomSettings>? change = null)
    {
        WholeRoom room = Add(WholeRoom.Start(await _school.SetupCodeAsync(name), change: change));
        await room.UntilAsync(status => status.Phase == DevicePhase.Registered);
        return room;
    }

    private async Task<(WholeRoom Library, WholeRoom Lab)> TwoAsync()
    {
        WholeRoom[] rooms = await Task.WhenAll(PairAsync("Library"), PairAsync("Lab"));
        await _school.PlaceAsync("Library");
        await _school.PlaceAsync("Lab");
        return (rooms[0], rooms[1]);
    }

    private async Task MeetAsync(params WholeRoom[] rooms)
    {
        DateTime now = DateTime.UtcNow;
        await _school.ScheduleAsync(now, now.AddHours(1), "Library", "Lab");
        foreach (WholeRoom room in rooms)
            await room.UntilAsync(status => status.Meeting is { Stage: MeetingStage.Member } meeting && meeting.Members.Count == rooms.Length);
    }
}
