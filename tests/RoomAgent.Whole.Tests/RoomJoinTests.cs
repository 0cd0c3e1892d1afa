using System.Globalization;
using System.Text.Json.Nodes;
using RoomAgent.Agent.Meetings;
using RoomAgent.Agent.Room;
using RoomAgent.Hal;
using RoomAgent.Hub.Tests;

namespace RoomAgent.Whole.Tests;

/// <summary>People without a room device: the built program as its users run it, the hub, and a room as the daemon has it.</summary>
public sealed class RoomJoinTests : IAsyncLifetime
{
    private const string Password = Visitor.Password;

    private static readonly string[] s_media = ["--camera", "test", "--microphone", "tone", "--unmuted"];

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
    public async Task AGuestWaitsIsLetInSeesAndHearsAndIsPutOut()
    {
        (WholeRoom library, string link) = await MeetingAsync();
        await using JoinProgram guest = JoinProgram.Start("", [link, "--name", "Ada", .. s_media]);

        // 1. The lobby: nothing is seen from there.
        await guest.UntilAsync("stage", told => (string)told["stage"]! == "Lobby");
        await library.UntilAsync(status => status.Meeting is { Waiting.Count: 1 });
        WaitingStatus waiting = library.Meeting!.Waiting[0];
        Assert.Equal((guest.Name, IdentityVerdict.Unverified), (waiting.Name, waiting.Verdict));
        Assert.Matches("^Ada \\(guest [0-9a-f]{8}\\)$", waiting.Name);
        Assert.DoesNotContain(guest.Told, told => (string)told["event"]! is "roster" or "code" or "media");

        // 2. Let in by the room: both see and hear, and agree.
        Assert.True((await library.Room.AdmitAsync(waiting.Who)).IsDone);
        await guest.UntilAsync("seen");
        await guest.UntilAsync("heard");
        await library.UntilAsync(SeesAndHears);
        await guest.UntilAsync("media", told => Frames(told, isVideo: true) > 10 && Frames(told, isVideo: false) > 50);
        await library.UntilAsync(status => status.Meeting!.Code.Status == CodeStatus.Current);
        JsonObject code = await guest.UntilAsync("code", told => (string)told["status"]! == "Current" && (ulong)told["epoch"]! == library.Meeting.Epoch);
        Assert.Equal(library.Meeting.Code.Code!.Machine, (string)code["machine"]!);
        JsonObject roster = await guest.UntilAsync("roster", told => told["members"]!.AsArray().Count == 2);
        JsonNode host = roster["members"]!.AsArray().Single(member => !(bool)member!["self"]!)!;
        Assert.Equal(("Vouched", true), ((string)host["verdict"]!, (bool)host["host"]!));

        // 3. Orders.
        Assert.True((bool)(await guest.DoAsync("mute"))["done"]!);
        Assert.True((bool)(await guest.DoAsync("camera off"))["done"]!);
        await library.UntilAsync(status => status.Meeting!.Members.Any(member => member is { IsSelf: false, IsMuted: true, IsCameraOff: true }));
        Assert.False((bool)(await guest.DoAsync("lock"))["done"]!);
        Assert.False((bool)(await guest.DoAsync("dance"))["done"]!);
        Assert.True((bool)(await guest.DoAsync("roster"))["done"]!);
        Assert.True((bool)(await guest.DoAsync("code"))["done"]!);

        // 4. Put out.
        await library.Room.EjectAsync(library.Meeting.Members.Single(member => !member.IsSelf).Who);
        (int exit, string errors) = await guest.EndAsync();
        Assert.Equal((77, ""), (exit, errors));
        Assert.Equal("RemovedFromMeeting", (string)guest.Told[^1]["trouble"]!);
        await library.UntilAsync(status => status.Meeting is { Members.Count: 1 });
        Assert.Equal([(guest.Name, true), (guest.Name, false)], library.Meeting.Changes.Select(change => (change.Name, change.HasCome)));
    }

    [Fact]
    public async Task APersonIsHostAdmitsLocksEjectsAndLeaves()
    {
        (WholeRoom library, string link) = await MeetingAsync(people: [Visitor.Mailbox], hosts: [Visitor.Mailbox]);
        await using JoinProgram alice = JoinProgram.Start(Password, ["--hub", _school.Hub.Address.Url, "--as", Visitor.Mailbox, "--hub-words", WordsOf(link), .. s_media]);
        JsonObject member = await alice.UntilAsync("stage", told => (string)told["stage"]! == "Member");
        Assert.True((bool)member["host"]!);
        await library.UntilAsync(status => status.Meeting is { Members.Count: 2 });
        Assert.Contains(library.Meeting!.Members, one => one is { Name: Visitor.Mailbox, IsHost: true, Verdict: IdentityVerdict.Vouched });
        Assert.False(library.Meeting.IsHost);
        await alice.UntilAsync("seen");
        await library.UntilAsync(SeesAndHears);

        // A guest, by the start of the name.
        await using JoinProgram guest = JoinProgram.Start("", link);
        await alice.UntilAsync("waiting", told => told["waiting"]!.AsArray().Count == 1);
        Assert.False((bool)(await alice.DoAsync("admit somebody else"))["done"]!);
        Assert.True((bool)(await alice.DoAsync($"admit {guest.Name[..10]}"))["done"]!);
        await guest.UntilAsync("stage", told => (string)told["stage"]! == "Member");
        await library.UntilAsync(status => status.Meeting is { Members.Count: 3 });

        // Behind a lock nobody gets in.
        Assert.True((bool)(await alice.DoAsync("lock"))["done"]!);
        await library.UntilAsync(status => status.Meeting is { IsLocked: true });
        Assert.True((bool)(await alice.DoAsync($"eject {guest.Name}"))["done"]!);
        Assert.Equal(77, (await guest.EndAsync()).Code);
        await library.UntilAsync(status => status.Meeting is { Members.Count: 2 });
        Assert.True((bool)(await alice.DoAsync("unlock"))["done"]!);
        await library.UntilAsync(status => status.Meeting is { IsLocked: false });

        alice.Order("leave");
        Assert.Equal((0, ""), await alice.EndAsync());
        await library.UntilAsync(status => status.Meeting is { Members.Count: 1 }, TimeSpan.FromSeconds(5));
    }

    [Fact]
    public async Task WhoMayNotIsToldWhyAndWhatToDo()
    {
        (_, string link) = await MeetingAsync();
        string hub = _school.Hub.Address.Url, words = WordsOf(link);

        // 1. Nobody vouches for the hub, or somebody vouches for another: no password is sent.
        string stranger = string.Join('-', Enumerable.Repeat("babab", 6));
        await EndsAsync(76, $"--hub-words {words}", Password, "--hub", hub, "--as", Visitor.Mailbox);
        await EndsAsync(76, "is not the hub", Password, "--hub", hub, "--as", Visitor.Mailbox, "--hub-words", stranger);
        await EndsAsync(76, "is not the hub", "", link.Replace(words, stranger, StringComparison.Ordinal));

        // 2. Wrong, or nothing to go to.
        await EndsAsync(77, "do not fit together", "wrong password", "--hub", hub, "--as", Visitor.Mailbox, "--hub-words", words);
        await EndsAsync(77, "invited to no meeting", Password, "--hub", hub, "--as", Visitor.Mailbox, "--hub-words", words);
        await EndsAsync(77, "no personal room", Password, "room:nowhere", "--hub", hub, "--as", Visitor.Mailbox, "--hub-words", words);
        await EndsAsync(0, "", Password, "--list", "--hub", hub, "--as", Visitor.Mailbox, "--hub-words", words);

        // 3. A link that was taken back.
        JsonNode listed = await _school.ApiAsync(HttpMethod.Get, $"{_meeting}/guest-links");
        await _school.ApiAsync(HttpMethod.Delete, $"{_meeting}/guest-links/{(string)listed[0]!["id"]!}");
        await EndsAsync(77, "The link is not good", "", link);

        // 4. Nobody is there.
        await EndsAsync(69, "does not answer", "", "https://127.0.0.1:9/join/AAAAAAAAAAAAAAAAAAAAAA");

        // 5. Words that make no sense.
        await EndsAsync(64, "no guest's link", "", "https://hub.example/");
        await EndsAsync(64, "both --hub and --as", "", "--hub", hub);
        await EndsAsync(64, "six words", "", link, "--hub-words", "one two");
        await EndsAsync(64, "there is no such file", "", link, "--camera", "/nowhere/picture.mp4");
    }

    [Fact]
    public async Task APersonFoundsAStrictMeetingWhichNobodyEntersWithoutAWord()
    {
        await using JoinProgram alice = await StrictAsync();
        await alice.UntilAsync("stage", told => (string)told["stage"]! == "Member" && (bool)told["strict"]!);

        string link = (string)(await _school.ApiAsync(HttpMethod.Post, $"{_meeting}/guest-link", new { }))["url"]!;
        await using JoinProgram ada = JoinProgram.Start(link, "-", "--name", "Ada");
        await alice.UntilAsync("waiting", told => told["waiting"]!.AsArray().Any(one => ((string)one!["name"]!).StartsWith("Ada (guest ", StringComparison.Ordinal)));
        Assert.True((bool)(await alice.DoAsync("admit ada"))["done"]!);
        await ada.UntilAsync("stage", told => (string)told["stage"]! == "Member");

        JsonObject[] codes = await Task.WhenAll(new[] { alice, ada }.Select(one => one.UntilAsync("code", told => (string)told["status"]! == "Current" && (int)told["members"]! == 2)));
        Assert.Equal((string)codes[0]["machine"]!, (string)codes[1]["machine"]!);

        alice.Order("leave");
        Assert.Equal(0, (await alice.EndAsync()).Code);
    }

    [Fact]
    public async Task WhoIsInAMeetingIsBackByItselfWhenTheHubIs()
    {
        (WholeRoom library, string link) = await MeetingAsync();
        await using JoinProgram guest = JoinProgram.Start("", [link, .. s_media]);
        await library.UntilAsync(status => status.Meeting is { Waiting.Count: 1 });
        await library.Room.AdmitAsync(library.Meeting!.Waiting[0].Who);
        await guest.UntilAsync("seen");
        int before = guest.Told.Count;

        await _school.RestartHubAsync();

        await guest.UntilAsync("stage", told => (string)told["stage"]! == "Reconnecting", before);
        await guest.UntilAsync("stage", told => (string)told["stage"]! == "Member", before);
        await library.UntilAsync(status => status.Meeting is { Stage: MeetingStage.Member, Members.Count: 2 });
        int back = guest.Told.Count;
        long frames = (await guest.UntilAsync("media", from: back)) is { } media ? Frames(media, isVideo: true) : 0;
        await guest.UntilAsync("media", told => Frames(told, isVideo: true) > frames, back);
    }

    [Fact]
    public async Task ALinkThatIsTakenBackEndsTheStay()
    {
        (WholeRoom library, string link) = await MeetingAsync();
        await using JoinProgram guest = JoinProgram.Start("", link);
        await library.UntilAsync(status => status.Meeting is { Waiting.Count: 1 });
        await library.Room.AdmitAsync(library.Meeting!.Waiting[0].Who);
        await guest.UntilAsync("stage", told => (string)told["stage"]! == "Member");

        JsonNode listed = await _school.ApiAsync(HttpMethod.Get, $"{_meeting}/guest-links");
        await _school.ApiAsync(HttpMethod.Delete, $"{_meeting}/guest-links/{(string)listed[0]!["id"]!}");

        Assert.Equal(77, (await guest.EndAsync()).Code);
        Assert.Equal("AccessEnded", (string)guest.Told[^1]["trouble"]!);
    }

    [Fact]
    public async Task ADeviceThatDoesNotWorkIsToldOfAndTheMeetingGoesOn()
    {
        (WholeRoom library, string link) = await MeetingAsync();
        await using JoinProgram guest = JoinProgram.Start("", link, "--camera", "/dev/null", "--microphone", "hw:9", "--unmuted");
        await library.UntilAsync(status => status.Meeting is { Waiting.Count: 1 });
        await library.Room.AdmitAsync(library.Meeting!.Waiting[0].Who);

        JsonObject camera = await guest.UntilAsync("device", told => (string)told["device"]! == "camera" && (string)told["state"]! == "Lost");
        Assert.Contains("The camera does not work", (string)camera["text"]!, StringComparison.Ordinal);
        await guest.UntilAsync("device", told => (string)told["device"]! == "microphone" && (string)told["state"]! == "Lost");
        await guest.UntilAsync("seen");
        guest.Order("leave");
        Assert.Equal((0, ""), await guest.EndAsync());
    }

    [Fact]
    public async Task PeopleAreToldInSentences()
    {
        (WholeRoom library, string link) = await MeetingAsync();
        await using JoinProgram guest = JoinProgram.StartForPeople(link, "--name", "Ada");
        await guest.UntilAsync("sentence", told => Says(told, "Waiting in the lobby until a host lets you in."));
        await library.UntilAsync(status => status.Meeting is { Waiting.Count: 1 });
        await library.Room.AdmitAsync(library.Meeting!.Waiting[0].Who);

        await guest.UntilAsync("sentence", told => Says(told, "You are in the meeting, which is end-to-end encrypted."));
        await guest.UntilAsync("sentence", told => Says(told, "You are muted, your camera is off."));
        await guest.UntilAsync("sentence", told => Says(told, "In the meeting: ") && Says(told, "vouched for by the hub, host"));
        await guest.UntilAsync("sentence", told => Says(told, "Security code (epoch ") && Says(told, "2 members"));
        await guest.UntilAsync("sentence", told => Says(told, "You see "));
        guest.Order("admit nobody");
        await guest.UntilAsync("sentence", told => Says(told, "There is nobody."));
        guest.Interrupt();
        Assert.Equal((0, ""), await guest.EndAsync());

        TestContext.Current.TestOutputHelper!.WriteLine(string.Join('\n', guest.Told.Select(told => (string)told["text"]!)));
        Assert.True(Says(guest.Told[^1], "You have left."));
        static bool Says(JsonObject told, string what) => ((string)told["text"]!).Contains(what, StringComparison.Ordinal);
    }

    [Fact]
    public async Task APersonSeesWhatThereIsToJoin()
    {
        await _school.ScheduleAsync(DateTime.UtcNow.AddHours(2), DateTime.UtcNow.AddHours(3), [Visitor.Mailbox], [], []);
        await _school.ScheduleAsync(DateTime.UtcNow.AddHours(4), DateTime.UtcNow.AddHours(5), ["bob@school.example"], [], []);
        string[] signIn = ["--hub", _school.Hub.Address.Url, "--as", Visitor.Mailbox, "--hub-words", _school.Hub.Get<Hub.Devices.Accounts>().Identity.Fingerprint];

        await using JoinProgram alice = JoinProgram.Start(Password, ["--list", .. signIn]);
        Assert.Equal((0, ""), await alice.EndAsync());
        Assert.Equal("Weekly", (string)Assert.Single(alice.Told, told => (string)told["event"]! == "meeting")["title"]!);

        // It is not open yet, and is waited for.
        await using JoinProgram early = JoinProgram.Start(Password, ["week", "--seconds", "3", .. signIn]);
        Assert.Equal((0, ""), await early.EndAsync());
        Assert.Contains("waiting", (string)early.Told.First(told => (string)told["event"]! == "meeting")["text"]!, StringComparison.Ordinal);
        Assert.DoesNotContain(early.Told, told => (string)told["event"]! == "stage");

        // Everybody was signed out.
        Assert.Single(await _school.Hub.Get<Hub.People.PeopleDesk>().Sessions.ListAsync((await _school.Hub.Get<Hub.People.PeopleDesk>().Store.FindByMailboxAsync(Visitor.Mailbox))!.Value.Person.Id, DateTimeOffset.UtcNow));
    }

    [Fact]
    public async Task ThePageShowsWhatTheScreenShowsAndTheTimeIsKept()
    {
        (WholeRoom library, string link) = await MeetingAsync();
        int port = School.FreePort();
        await using JoinProgram guest = JoinProgram.Start("", [link, "--page", port.ToString(CultureInfo.InvariantCulture), "--seconds", "12", .. s_media]);
        await library.UntilAsync(status => status.Meeting is { Waiting.Count: 1 });
        await library.Room.AdmitAsync(library.Meeting!.Waiting[0].Who);
        await guest.UntilAsync("seen");

        using var browser = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}") };
        string page = await browser.GetStringAsync("/?still");
        Assert.Contains("In a meeting with 1 others", page, StringComparison.Ordinal);
        Assert.Contains(guest.Name, page, StringComparison.Ordinal);
        byte[] picture = await browser.GetByteArrayAsync("/display.png");
        Assert.Equal([0x89, (byte)'P', (byte)'N', (byte)'G'], picture[..4]);

        Assert.Equal((0, ""), await guest.EndAsync());
        Assert.Equal("left", (string)guest.Told[^1]["event"]!);
        await library.UntilAsync(status => status.Meeting is { Members.Count: 1 }, TimeSpan.FromSeconds(5));
    }

    private string _meeting = "";

    private async Task<JoinProgram> StrictAsync()
    {
        string id = await _school.ScheduleAsync(DateTime.UtcNow, DateTime.UtcNow.AddHours(1), [Visitor.Mailbox], [Visitor.Mailbox], [], isStrict: true);
        _meeting = $"/api/meetings/{id}";
        return JoinProgram.Start(Password, "Weekly", "--hub", _school.Hub.Address.Url, "--as", Visitor.Mailbox, "--hub-words", _school.Hub.Get<Hub.Devices.Accounts>().Identity.Fingerprint);
    }

    // A meeting that has begun, with a room in it, and a link for its guests.
    private async Task<(WholeRoom Room, string Link)> MeetingAsync(string[]? people = null, string[]? hosts = null)
    {
        WholeRoom room = WholeRoom.Start(await _school.SetupCodeAsync("Library"));
        _rooms.Add(room);
        await room.UntilAsync(status => status.Phase == DevicePhase.Registered);
        await _school.PlaceAsync("Library");
        string id = await _school.ScheduleAsync(DateTime.UtcNow, DateTime.UtcNow.AddHours(1), people ?? [], hosts ?? [], ["Library"]);
        _meeting = $"/api/meetings/{id}";
        await room.UntilAsync(status => status.Meeting is { Stage: MeetingStage.Member });
        return (room, (string)(await _school.ApiAsync(HttpMethod.Post, $"{_meeting}/guest-link", new { }))["url"]!);
    }

    private static string WordsOf(string link) => new Uri(link).Fragment[1..];

    private static async Task EndsAsync(int code, string says, string input, params string[] words)
    {
        await using JoinProgram program = JoinProgram.Start(input, words);
        (int exit, string errors) = await program.EndAsync();
        Assert.True(exit == code, $"{string.Join(' ', words)}: {exit} {errors}");
        Assert.Contains(says, errors, StringComparison.Ordinal);
    }

    private static long Frames(JsonObject media, bool isVideo) => media["streams"]!.AsArray().Where(stream => (bool)stream!["video"]! == isVideo).Sum(stream => (long)stream!["frames"]!);

    private static bool SeesAndHears(RoomStatus status) =>
        status.Meeting is { Stage: MeetingStage.Member } meeting
        && meeting.Media.Streams.Any(stream => stream.IsVideo && stream.Frames > 10)
        && meeting.Media.Streams.Any(stream => !stream.IsVideo && stream.Frames > 50);
}
