namespace RoomAgent.Hal.Media.Drawing.Pages;

/// <summary>Pages of one sign and a sentence: starting, waiting, reconnecting, trouble.</summary>
internal static class QuietPages
{
    public static void Starting(Page page) =>
        Parts.Message(page, Parts.Surround(page, hasClock: false), Icon.Again, page.Theme.Accent, "", page.Words[Word.Starting], page.Words[Word.StartingDetail]);

    public static void Setup(Page page) =>
        Parts.Message(page, Parts.Surround(page, hasClock: false), Icon.Hub, page.Theme.Accent, "", page.Words[Word.Setup], page.Words[Word.SetupDetail]);

    // The words are what people have come to read.
    public static void HubWords(Page page, HubWordsScene scene) =>
        Parts.Message(page, Parts.Surround(page, hasClock: false), Icon.Hub, page.Theme.Accent, page.Words[Word.HubWords], ShownText.CleanName(scene.Words), page.Words[Word.HubWordsDetail]);

    public static void Registering(Page page) =>
        Parts.Message(page, Parts.Surround(page, hasClock: false), Icon.Again, page.Theme.Accent, "", page.Words[Word.Registering], page.Words[Word.RegisteringDetail]);

    public static void Claimed(Page page, ClaimedScene scene) =>
        Parts.Message(page, Parts.Surround(page), Icon.Verified, page.Theme.Good, page.Words[Word.Claimed], ShownText.CleanName(scene.Organisation), page.Words[Word.ClaimedDetail]);

    public static void WhichRoom(Page page) =>
        Parts.Message(page, Parts.Surround(page), Icon.Door, page.Theme.Accent, "", page.Words[Word.WhichRoom], page.Words[Word.WhichRoomDetail]);

    public static void Countdown(Page page, CountdownScene scene)
    {
        Area area = Parts.Surround(page);
        Protection(page, ref area, scene.Protection);
        TimeSpan left = scene.JoinsAt - page.Now;
        int seconds = left <= TimeSpan.Zero ? 0 : (int)Math.Ceiling(Math.Min(left.TotalSeconds, 999));
        if (seconds > 0)
            page.Changes(scene.JoinsAt.AddSeconds(1 - seconds));
        string title = page.Words.Format(Word.Countdown, seconds.ToString());
        Parts.Message(page, area, Icon.Clock, page.Theme.Accent, ShownText.CleanName(scene.Meeting), title, page.Words[scene.IsOnAtOnce ? Word.CountdownOn : Word.CountdownDetail]);
    }

    public static void Waiting(Page page, WaitingScene scene)
    {
        Area area = Parts.Surround(page);
        (Icon icon, Word title, Word detail) = scene.Reason switch
        {
            WaitingReason.NotStarted => (Icon.Clock, Word.NotStarted, Word.NotStartedDetail),
            WaitingReason.Lobby => (Icon.Person, Word.Lobby, Word.LobbyDetail),
            _ => (Icon.Again, Word.Joining, Word.JoiningDetail),
        };
        if (scene.SelfView is { } self)
        {
            int width = area.Width * 46 / 100, height = width * 9 / 16;
            var tile = new Area(area.Right() - width, area.Y + (area.Height - height) / 2, width, height);
            Tiles.Own(page, tile, self, isCameraOff: false, isMuted: false);
            area = area with { Width = area.Width - width - page.Px(0.05) };
        }
        Protection(page, ref area, scene.Protection);
        Parts.Message(page, area, icon, page.Theme.Accent, ShownText.CleanName(scene.Meeting), page.Words[title], page.Words[detail]);
    }

    public static void Reconnecting(Page page, ReconnectingScene scene) =>
        Parts.Message(page, Parts.Surround(page), Icon.Again, page.Theme.Care, ShownText.CleanName(scene.Meeting), page.Words[Word.Reconnecting], page.Words[Word.ReconnectingDetail]);

    public static void Left(Page page, LeftScene scene) =>
        Parts.Message(page, Parts.Surround(page), Icon.Door, page.Theme.Accent, ShownText.CleanName(scene.Meeting), page.Words[Word.LeftMeeting], page.Words[Word.LeftMeetingDetail]);

    public static void InTrouble(Page page, TroubleScene scene)
    {
        bool isQuiet = scene.What is Trouble.MeetingEnded;
        string detail = ShownText.CleanName(scene.Detail);
        string help = page.Words.Format(Word.ForHelp, scene.What.ToString()) + (detail.Length > 0 ? " · " + detail : "");
        Parts.Message(page, Parts.Surround(page), Parts.IconOf(scene.What), isQuiet ? page.Theme.Accent : page.Theme.Care, "",
            page.Words.What(scene.What), page.Words.Do(scene.What), isQuiet ? detail : help);
    }

    private static void Protection(Page page, ref Area area, MeetingProtection protection)
    {
        int height = page.Px(0.07), icon = page.Px(0.05);
        bool isEndToEnd = protection == MeetingProtection.EndToEndEncrypted;
        string text = page.Words[isEndToEnd ? Word.EndToEndEncrypted : Word.Encrypted];
        TextStyle style = page.Style(TypeScale.Note);
        int gap = page.Px(0.014), words = Math.Min(page.Measure(text, style, area.Width).Width + 1, area.Width - icon - gap);
        int x = area.X + (area.Width - icon - gap - words) / 2, y = area.Bottom() - height;
        page.Sign(new Area(x, y, icon, height), icon, isEndToEnd ? Icon.EndToEnd : Icon.Encrypted, isEndToEnd ? page.Theme.Good : page.Theme.Text);
        page.Text(new Area(x + icon + gap, y, words, height), text, style, page.Theme.Quiet, 0.5);
        area = area with { Height = area.Height - height };
    }
}
