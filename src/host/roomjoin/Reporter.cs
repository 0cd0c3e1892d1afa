using System.Text.Json.Nodes;
using RoomAgent.Agent.Devices;
using RoomAgent.Agent.Meetings;
using RoomAgent.Agent.Ports;
using RoomAgent.Agent.Room;
using RoomAgent.Hal;
using RoomAgent.Meetings;
using RoomAgent.XApi;

namespace RoomAgent.Join;

/// <summary>Tells in words what is different from before. Nothing but the room's status decides.</summary>
/// <param name="teller">Tells it.</param>
/// <param name="clock">The machine's clock, for what is told at a pace.</param>
internal sealed class Reporter(Teller teller, TimeProvider clock)
{
    private static readonly TimeSpan s_mediaEvery = TimeSpan.FromSeconds(1);

    private readonly HashSet<(int Leaf, bool IsVideo)> _met = [];
    private readonly HashSet<string> _lost = [];
    private RoomStatus _before = new();
    private MeetingStage? _stage;
    private string _members = "";
    private string _waiting = "";
    private (CodeStatus Status, ulong Epoch)? _code;
    private long _mediaAt;

    /// <summary>Tells it.</summary>
    /// <param name="now">How the room stands.</param>
    /// <returns>The exit code, when it is over.</returns>
    public int? Tell(RoomStatus now)
    {
        if (now.Account is CloudState.Unpaired)
        {
            teller.Tell("ended", "Your access has ended: the link was taken back, its time is up, or you were signed out.", new() { ["trouble"] = "AccessEnded" });
            return ExitStatus.NotPermitted;
        }

        if (now.Phase == DevicePhase.Offline && _before.Phase != DevicePhase.Offline && now.Meeting is null)
            teller.Tell("offline", "The hub is not reached. It is tried again by itself.");
        if (_stage is null && now.Meeting is null && _before.Calendar.Count > 0 && now.Calendar.Count == 0)
        {
            teller.Tell("ended", "The meeting was called off.", new() { ["trouble"] = "CalledOff" });
            return ExitStatus.Good;
        }

        RoomStatus before = _before;
        _before = now;
        if (now.Meeting is not { } meeting)
            return null;
        if (meeting.Stage == MeetingStage.Ended)
            return End(meeting);

        TellStage(meeting);
        TellRoster(meeting);
        TellWaiting(meeting);
        TellCode(meeting);
        if (meeting.Stage == MeetingStage.Member && (before.Meeting?.Stage != MeetingStage.Member || before.IsMuted != now.IsMuted || before.IsCameraOff != now.IsCameraOff))
            teller.Tell("self", $"You are {(now.IsMuted ? "muted" : "heard")}, your camera is {(now.IsCameraOff ? "off" : "on")}.", new() { ["muted"] = now.IsMuted, ["camera_off"] = now.IsCameraOff });
        if ((before.Meeting?.IsLocked ?? false) != meeting.IsLocked)
            teller.Tell("door", meeting.IsLocked ? "The meeting is locked: nobody new is let in." : "The meeting is open again.", new() { ["locked"] = meeting.IsLocked });
        if (meeting.IsForked && before.Meeting is not { IsForked: true })
            teller.Tell("warning", "The service shows different things to different members. Compare the security code by voice.");
        if (meeting.Differences != PolicyDifferences.None && before.Meeting?.Differences != meeting.Differences)
            teller.Tell("warning", $"The meeting is not what you were invited to: {meeting.Differences}.");
        if (meeting.IsServiceBehind && before.Meeting is not { IsServiceBehind: true })
            teller.Tell("warning", "The service has lost a part of the meeting: nothing is sent until it has begun anew.");
        if (meeting.IsDecisionOpen && before.Meeting is not { IsDecisionOpen: true })
            teller.Tell("warning", "What you decided is not done: whoever was to go still sees and hears you.");
        TellMedia(meeting, before.Meeting);
        return null;
    }

    /// <summary>Tells how a device is: people only that it does not work, and that it does again.</summary>
    /// <param name="device">What it is.</param>
    /// <param name="status">How it is.</param>
    public void Tell(string device, DeviceStatus status)
    {
        string sentence = status.State switch
        {
            DeviceState.Lost when _lost.Add(device) => $"The {(status.IsEncoder ? $"encoder of the {device}" : device)} does not work: {ForeignText.Clean(status.Problem)}. It is tried again; see --{device}.",
            DeviceState.Running when _lost.Remove(device) => $"The {device} works again.",
            _ => "",
        };
        teller.Tell("device", sentence, new() { ["device"] = device, ["state"] = status.State.ToString(), ["problem"] = status.Problem });
    }

    /// <summary>Who is there.</summary>
    public static void TellRoster(Teller teller, MeetingStatus meeting, bool isWhole)
    {
        string people = string.Join("; ", meeting.Members.Select(member => $"{(member.IsSelf ? "you, " : "")}{ForeignText.Clean(member.Name)} ({Words(member)})"));
        teller.Tell("roster", isWhole || meeting.Members.Count > 0 ? $"In the meeting: {people}." : "", new()
        {
            ["epoch"] = meeting.Epoch,
            ["members"] = new JsonArray([.. meeting.Members.Select(member => (JsonNode)new JsonObject
            {
                ["name"] = member.Name,
                ["verdict"] = member.Verdict.ToString(),
                ["reason"] = member.Reason,
                ["self"] = member.IsSelf,
                ["host"] = member.IsHost,
                ["muted"] = member.IsMuted,
                ["camera_off"] = member.IsCameraOff,
                ["leaf"] = member.Leaf.Value,
            })]),
        });
    }

    /// <summary>The security code.</summary>
    public static void TellCode(Teller teller, MeetingStatus meeting, bool isWhole)
    {
        if (meeting.Code.Code is not { } code)
            return;

        string how = meeting.Code.Status == CodeStatus.Changing ? "changing" : $"epoch {code.Epoch}, {meeting.Code.Members} members";
        teller.Tell("code", $"Security code ({how}): {(isWhole ? code.Full : code.Short)}", new()
        {
            ["status"] = meeting.Code.Status.ToString(),
            ["epoch"] = code.Epoch,
            ["members"] = meeting.Code.Members,
            ["code"] = code.Full,
            ["machine"] = code.Machine,
        });
    }

    private void TellStage(MeetingStatus meeting)
    {
        if (meeting.Stage == _stage)
            return;

        MeetingStage? former = _stage;
        _stage = meeting.Stage;
        string sentence = meeting.Stage switch
        {
            MeetingStage.Joining when former is null => "On the way into the meeting.",
            MeetingStage.Lobby => meeting.IsTooEarly ? "Waiting until the meeting may begin." : $"Waiting in the lobby until a host lets you in.",
            MeetingStage.Pending => "You were let in. One moment.",
            MeetingStage.Member => former == MeetingStage.Reconnecting ? "Back in the meeting." : $"You are in the meeting{(meeting.IsEndToEnd ? ", which is end-to-end encrypted" : ", which is NOT end-to-end encrypted")}{(meeting.IsHost ? ", as a host" : "")}.",
            MeetingStage.Reconnecting => "The connection to the meeting is lost, and is being mended.",
            _ => "",
        };
        teller.Tell("stage", sentence, new() { ["stage"] = meeting.Stage.ToString(), ["host"] = meeting.IsHost, ["end_to_end"] = meeting.IsEndToEnd, ["strict"] = meeting.IsStrict });
    }

    private void TellRoster(MeetingStatus meeting)
    {
        if (meeting.Stage != MeetingStage.Member)
            return;

        // People hear who came and went; programs everything that changed.
        string members = string.Join('\n', meeting.Members.Select(member => $"{member.Leaf.Value} {member.Name} {member.Verdict} {member.IsHost} {(teller.IsJson ? $"{member.IsMuted} {member.IsCameraOff}" : "")}"));
        if (members == _members)
            return;

        _members = members;
        _met.IntersectWith(_met.Where(one => meeting.Members.Any(member => member.Leaf.Value == one.Leaf)).ToArray());
        TellRoster(teller, meeting, isWhole: false);
    }

    private void TellWaiting(MeetingStatus meeting)
    {
        string waiting = string.Join('\n', meeting.Waiting.Select(one => one.Name));
        if (waiting == _waiting)
            return;

        _waiting = waiting;
        string sentence = meeting.Waiting.Count == 0 ? "" : $"In the lobby: {string.Join("; ", meeting.Waiting.Select(one => $"{ForeignText.Clean(one.Name)} ({Words(one.Verdict)})"))}.{(meeting.IsHost ? " Type admit and the name to let somebody in." : "")}";
        teller.Tell("waiting", sentence, new() { ["waiting"] = new JsonArray([.. meeting.Waiting.Select(one => (JsonNode)new JsonObject { ["name"] = one.Name, ["verdict"] = one.Verdict.ToString() })]) });
    }

    private void TellCode(MeetingStatus meeting)
    {
        if (meeting.Code is not { Code: { } code, Status: not CodeStatus.None } || _code == (meeting.Code.Status, code.Epoch))
            return;

        bool isNew = _code?.Epoch != code.Epoch || teller.IsJson;
        _code = (meeting.Code.Status, code.Epoch);
        if (isNew && meeting.Code.Status != CodeStatus.Frozen)
            TellCode(teller, meeting, isWhole: false);
    }

    private void TellMedia(MeetingStatus meeting, MeetingStatus? before)
    {
        MediaStatus media = meeting.Media;
        if (media.Transport.Length > 0 && media.Transport != before?.Media.Transport)
            teller.Tell("transport", $"Media by {media.Transport}.", new() { ["transport"] = media.Transport });
        foreach (StreamStatus stream in media.Streams.Where(stream => stream.Frames > 0))
        {
            if (meeting.Members.FirstOrDefault(member => member.Leaf.Value == stream.Leaf) is { IsSelf: false } member && _met.Add((stream.Leaf, stream.IsVideo)))
                teller.Tell(stream.IsVideo ? "seen" : "heard", $"You {(stream.IsVideo ? "see" : "hear")} {ForeignText.Clean(member.Name)}.", new() { ["name"] = member.Name, ["leaf"] = stream.Leaf });
        }

        if (!teller.IsJson || media.Transport.Length == 0 || (_mediaAt != 0 && clock.GetElapsedTime(_mediaAt) < s_mediaEvery))
            return;

        _mediaAt = clock.GetTimestamp();
        teller.Tell("media", "", new()
        {
            ["transport"] = media.Transport,
            ["encoder"] = media.Encoder,
            ["bit_rate"] = media.TargetBitRate,
            ["round_trip_ms"] = media.RoundTrip?.TotalMilliseconds,
            ["pictures_sent"] = media.PicturesSent,
            ["sounds_sent"] = media.SoundsSent,
            ["undecryptable"] = media.Undecryptable,
            ["streams"] = new JsonArray([.. media.Streams.Select(stream => (JsonNode)new JsonObject { ["leaf"] = stream.Leaf, ["video"] = stream.IsVideo, ["frames"] = stream.Frames, ["lost"] = stream.Lost })]),
        });
    }

    private int End(MeetingStatus meeting)
    {
        (string sentence, int code) = meeting.Trouble switch
        {
            null or Trouble.MeetingEnded => ("The meeting is over.", ExitStatus.Good),
            Trouble.NotAdmitted => ("You were not let in.", ExitStatus.NotPermitted),
            Trouble.RemovedFromMeeting => ("You were put out of the meeting.", ExitStatus.NotPermitted),
            Trouble.MeetingLocked => ("The meeting is locked: nobody new is let in.", ExitStatus.NotPermitted),
            Trouble.MeetingFull => ("The meeting has as many members as it takes. Try again later.", ExitStatus.Later),
            Trouble.MeetingNotSecure => ("The meeting is not as secure as it was promised, so you have left it. Tell whoever runs the hub.", ExitStatus.Failure),
            { } other => ($"The meeting has ended: {other}.", ExitStatus.Failure),
        };
        teller.Tell("ended", sentence, new() { ["trouble"] = meeting.Trouble?.ToString() });
        return code;
    }

    private static string Words(MemberStatus member)
    {
        List<string> words = [Words(member.Verdict)];
        if (member.IsHost)
            words.Add("host");
        if (member.IsMuted)
            words.Add("muted");
        if (member.IsCameraOff)
            words.Add("camera off");
        return string.Join(", ", words);
    }

    private static string Words(IdentityVerdict verdict) => verdict switch
    {
        IdentityVerdict.Vouched => "vouched for by the hub",
        var other => other.ToString().ToLowerInvariant(),
    };
}
