using RoomAgent.Hal;

namespace RoomAgent.Screen.Tests;

/// <summary>Every state of a room's screen, with the words of an ordinary day; and again with the worst that outsiders could put into it.</summary>
internal static class Scenes
{
    /// <summary>A Thursday afternoon.</summary>
    public static readonly DateTimeOffset Now = new(2026, 11, 19, 14, 5, 20, TimeSpan.FromHours(1));

    private static readonly DateTimeOffset s_ever = DateTimeOffset.MaxValue;

    /// <summary>Names that try to look like something else, to leave their place, or to break what draws them.</summary>
    public static readonly string[] HostileNames =
    [
        new('W', 200),
        string.Concat(Enumerable.Repeat("Donaudampfschifffahrtsgesellschaftskapitän", 5)),
        "\u202Eevil\u202C Anna \u2067abc\u2069",
        "✔ Anna Berg 🔒✅ 🛡 ☑ √ \uE000\uF8FF",
        "Anna\nBerg\r\n\0\u0007\u001b[31m",
        "שרה לוי אבן-עזרא בן יהודה הכהן מירושלים",
        "محمد عبد الله الأنصاري بن عبد العزيز",
        "Z" + string.Concat(Enumerable.Repeat("\u0301\u0327\u0489\u20DD", 60)) + "algo",
        "👩‍👩‍👧‍👦🏳️‍🌈🇩🇪",
        "\u200B\u200B\u00AD\u2060\u3164",
        "\uD800 half \uDC00",
        "",
        "佐藤 健太郎",
        "สมชาย ใจดี",
    ];

    public static IEnumerable<(string Name, ScreenContents Contents)> All()
    {
        yield return ("starting", Of(new StartingScene()) with { RoomName = "" });
        yield return ("pairing", Of(Pairing(Now.AddMinutes(9.5))) with { RoomName = "" });
        yield return ("pairing-last-minute", Of(Pairing(Now.AddSeconds(20))) with { RoomName = "" });
        yield return ("pairing-ended", Of(Pairing(Now.AddSeconds(-20)) with { ScanAddress = "" }) with { RoomName = "" });
        yield return ("idle-free", Of(new IdleScene(Day(skip: 1))));
        yield return ("idle-busy", Of(new IdleScene(Day())));
        yield return ("idle-nothing", Of(new IdleScene([])) with { Notice = Trouble.NoCamera });
        foreach (WaitingReason reason in Enum.GetValues<WaitingReason>())
            yield return ($"waiting-{reason}", Of(new WaitingScene("Weekly planning", reason, MeetingProtection.EndToEndEncrypted) { SelfView = reason == WaitingReason.Lobby ? Self : null }));
        yield return ("meeting-grid-1", Of(Meeting(1)));
        yield return ("meeting-grid-4", Of(Meeting(4) with { SelfView = null }));
        yield return ("meeting-grid-9", Of(Meeting(9) with { SelfView = null, IsMuted = true, IsCameraOff = true }));
        yield return ("meeting-grid-12", Of(Meeting(12)));
        yield return ("meeting-speaker", Of(Meeting(7) with { Layout = MeetingLayout.ActiveSpeaker, Speaker = new TileId(2) }));
        yield return ("meeting-content", Of(WithContent(Meeting(3))));
        yield return ("meeting-encrypted", Of(Meeting(4) with { Protection = MeetingProtection.Encrypted, Code = null, SelfView = null }));
        yield return ("meeting-changing", Of(Meeting(2) with { Code = Code with { IsChanging = true }, IsMuted = true }));
        yield return ("meeting-no-code", Of(Meeting(2) with { Code = null }));
        yield return ("meeting-alone", Of(Meeting(0)));
        yield return ("meeting-security", Of(Meeting(4) with { Information = Information }));
        yield return ("meeting-notice", Of(Meeting(3)) with { Notice = Trouble.MicrophoneLost });
        yield return ("meeting-alert", Of(Meeting(4)) with { Alert = new ScreenAlert("Room booked from 15:00", "Please finish in time: the next meeting begins in ten minutes.", s_ever) });
        yield return ("meeting-text-line", Of(Meeting(4)) with { TextLine = new ScreenTextLine("Catering arrives at 12:30", 5_000, 9_000, s_ever) });
        yield return ("reconnecting", Of(new ReconnectingScene("Weekly planning")));
        foreach (Trouble trouble in Enum.GetValues<Trouble>().Where(trouble => trouble <= Trouble.MemberNotConfirmed))
            yield return ($"trouble-{trouble}", Of(new TroubleScene(trouble) { Detail = trouble == Trouble.HubUnreachable ? "hub.example.com" : "" }));
        yield return ("setup", Of(new SetupScene()) with { RoomName = "" });
        yield return ("hub-words", Of(new HubWordsScene("vunus-gupiv-paloz-titig-monak-fodoj")) with { RoomName = "" });
        yield return ("registering", Of(new RegisteringScene()) with { RoomName = "" });
        yield return ("claimed", Of(new ClaimedScene("Northgate School")));
        yield return ("which-room", Of(new WhichRoomScene()));
        yield return ("countdown", Of(new CountdownScene("Weekly planning", Now.AddSeconds(23), MeetingProtection.EndToEndEncrypted)));
        yield return ("pairing-digits", Of(Pairing(Now.AddMinutes(9.5)) with { Digits = "204817" }) with { RoomName = "" });
        yield return ("countdown-on", Of(new CountdownScene("Weekly planning", Now.AddSeconds(5), MeetingProtection.Encrypted) { IsOnAtOnce = true }));
        yield return ("left", Of(new LeftScene("Weekly planning")));
        yield return ("meeting-held", Of(Meeting(2) with { Code = Code with { IsHeld = true }, Information = Information }));
        yield return ("meeting-not-confirmed", Of(NotConfirmed(Meeting(4))) with { Notice = Trouble.MemberNotConfirmed });
        yield return ("meeting-not-confirmed-12", Of(NotConfirmed(Meeting(12))));
        yield return ("meeting-next-booking", Of(Meeting(3)) with { Notice = Trouble.NextBookingInFiveMinutes });
        yield return ("idle-quiet", Of(new IdleScene([new CalendarEntry(Now.AddHours(1), Now.AddHours(2), "Supplier call", "Ada Brown") { Elsewhere = "Microsoft Teams" }]) { DoNotDisturbUntil = Now.AddHours(1) }));
        yield return ("pairing-words", Of(Pairing(Now.AddMinutes(9.5)) with { Digits = "204817", HubWords = "vunus-gupiv-paloz-titig-monak-fodoj" }) with { RoomName = "" });

        // What was thought of later stands here, so that the pictures before it keep their languages and themes.
        foreach (Trouble trouble in Enum.GetValues<Trouble>().Where(trouble => trouble is > Trouble.MemberNotConfirmed and <= Trouble.MeetingLostByHub))
            yield return ($"trouble-{trouble}", Of(new TroubleScene(trouble)));
        yield return ("meeting-not-as-invited", Of(Meeting(3)) with { Notice = Trouble.NotAsInvited });
        yield return ("reconnecting-lost", Of(new ReconnectingScene("Weekly planning")) with { Notice = Trouble.MeetingLostByHub });
        yield return ("trouble-SomebodyWaits", Of(new TroubleScene(Trouble.SomebodyWaits)));
        yield return ("meeting-somebody-waits", Of(Meeting(3)) with { Notice = Trouble.SomebodyWaits });
    }

    /// <summary>Every state that shows words from outside, once for each hostile name.</summary>
    public static IEnumerable<(string Name, ScreenContents Contents)> Hostile()
    {
        for (int i = 0; i < HostileNames.Length; i++)
        {
            string name = HostileNames[i];
            ScreenContents of(RoomScene scene) => Of(scene) with { RoomName = name, Notice = Trouble.CameraLost };
            MeetingScene meeting = Meeting(9) with { Title = name, IsMuted = true, IsCameraOff = true };
            meeting = meeting with { Tiles = [.. meeting.Tiles.Select(tile => tile with { Name = name, IsMuted = true, IsCameraOff = true, Verdict = IdentityVerdict.Expired })] };
            yield return ($"hostile-pairing-{i}", of(new PairingScene(name + name, name, name, Now.AddMinutes(5))));
            yield return ($"hostile-idle-{i}", of(new IdleScene([.. Day().Select(entry => entry with { Title = name, Organizer = name })])));
            yield return ($"hostile-waiting-{i}", of(new WaitingScene(name, WaitingReason.Lobby, MeetingProtection.Encrypted) { SelfView = Self }));
            yield return ($"hostile-meeting-{i}", of(meeting));
            yield return ($"hostile-speaker-{i}", of(meeting with { Layout = MeetingLayout.ActiveSpeaker }));
            yield return ($"hostile-content-{i}", of(WithContent(meeting)));
            yield return ($"hostile-security-{i}", of(meeting with { Information = new(name, name, name, name, name), Code = new([name, "123456789", "", name], ulong.MaxValue, int.MaxValue) }));
            yield return ($"hostile-words-{i}", of(new HubWordsScene(name)));
            yield return ($"hostile-claimed-{i}", of(new ClaimedScene(name)));
            yield return ($"hostile-countdown-{i}", of(new CountdownScene(name, Now.AddSeconds(23), MeetingProtection.EndToEndEncrypted)));
            yield return ($"hostile-left-{i}", of(new LeftScene(name)));
            yield return ($"hostile-digits-{i}", of(new PairingScene(name, name, "https://hub.example.com/", Now.AddMinutes(5)) { Digits = name, HubWords = name }));
            yield return ($"hostile-elsewhere-{i}", of(new IdleScene([.. Day().Select(entry => entry with { Title = name, Elsewhere = name })]) { DoNotDisturbUntil = Now.AddHours(1) }));
            yield return ($"hostile-not-confirmed-{i}", of(NotConfirmed(meeting)));
            yield return ($"hostile-trouble-{i}", of(new TroubleScene(Trouble.MeetingNotSecure) { Detail = name }));
            yield return ($"hostile-alert-{i}", of(meeting) with { Alert = new ScreenAlert(name, name + " " + name + " " + name, s_ever), TextLine = new ScreenTextLine(name, 10_000, -3, s_ever) });
        }
    }

    public static readonly TileId Self = new(1_000);

    public static readonly SecurityCode Code = new(["48213", "90577", "11846", "73020", "55918", "20364", "87102", "64439", "03958", "71245", "39680", "15527"], 12, 5);

    public static readonly SecurityInformation Information = new("MLS_128_DHKEMX25519_AES128GCM_SHA256_Ed25519", "AES_256_GCM_SHA512_128", "AEAD_AES_256_GCM", "Example Corp Devices CA 2", "UDP 5004");

    public static MeetingScene Meeting(int tiles) => new("Weekly planning", MeetingProtection.EndToEndEncrypted, [.. Enumerable.Range(0, tiles).Select(Tile)])
    {
        SelfView = Self,
        Code = Code,
    };

    public static MeetingScene WithContent(MeetingScene meeting) =>
        meeting with { Tiles = [new MeetingTile(new TileId(900), meeting.Tiles[0].Name, meeting.Tiles[0].Verdict) { IsContent = true }, .. meeting.Tiles] };

    public static MeetingScene NotConfirmed(MeetingScene meeting) => meeting with
    {
        Tiles = [.. meeting.Tiles.Select((tile, i) => tile with { IsNotConfirmed = i % 2 == 0 })],
        Code = Code with { IsNotConfirmed = true },
    };

    public static ScreenContents Of(RoomScene scene) => new(scene) { RoomName = "Mozart · 3rd floor" };

    private static PairingScene Pairing(DateTimeOffset until) =>
        new("BCDF-GHJK", "hub.example.com/pair", "https://hub.example.com/pair?user_code=BCDF-GHJK", until);

    private static MeetingTile Tile(int i) => new(new TileId((uint)i), s_names[i % s_names.Length], (IdentityVerdict)(i % 5))
    {
        IsMuted = i % 3 == 1,
        IsCameraOff = i % 4 == 3,
        IsSpeaking = i == 0,
    };

    private static readonly string[] s_names = ["Anna Berg", "Room Bach", "guest-7", "Jürgen Großmann-Öztürk", "Łucja Wiśniewska", "Chloé Dubois", "Room Telemann", "Iñaki Núñez"];

    private static CalendarEntry[] Day(int skip = 0) => [.. new CalendarEntry[]
    {
        new(At(14, 0), At(15, 0), "Weekly planning", "Anna Berg"),
        new(At(15, 0), At(15, 30), "", ""),
        new(At(16, 0), At(17, 30), "Architecture review of the new media path and its budget", "Jürgen Großmann-Öztürk"),
        new(At(18, 0), At(18, 30), "Call with Kraków", "Łucja Wiśniewska"),
        new(At(19, 0), At(19, 30), "Evening talk", "Chloé Dubois"),
        new(At(20, 0), At(21, 0), "Night shift", "Operations"),
        new(At(21, 0), At(22, 0), "Night shift", "Operations"),
    }.Skip(skip)];

    private static DateTimeOffset At(int hour, int minute) => new(2026, 11, 19, hour, minute, 0, TimeSpan.FromHours(1));
}
