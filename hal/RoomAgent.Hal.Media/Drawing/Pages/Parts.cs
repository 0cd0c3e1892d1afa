namespace RoomAgent.Hal.Media.Drawing.Pages;

/// <summary>What several pages have in common.</summary>
internal static class Parts
{
    /// <summary>From the edge of the screen to what is on it, as a part of its height.</summary>
    public const double Margin = 0.06;

    /// <summary>The room's name and the time on top, a notice at the bottom.</summary>
    /// <returns>What is left in between.</returns>
    public static Area Surround(Page page, bool hasClock = true)
    {
        Area inner = page.Whole.Inset(page.Px(Margin * 1.2), page.Px(Margin));
        int height = page.Px(0.06);
        int clock = 0;
        if (hasClock)
        {
            Area box = new(inner.Right() - page.Px(0.4), inner.Y, page.Px(0.4), height);
            clock = page.Text(box, page.Time(page.Now), page.Style(TypeScale.Body, align: Align.End), page.Theme.Quiet, 0.5).Width + page.Px(0.04);
            page.ChangesNextMinute();
        }
        Area name = new(inner.X, inner.Y, inner.Width - clock, height);
        page.Text(name, ShownText.CleanName(page.Contents.RoomName), page.Style(TypeScale.Body, isBold: true), page.Theme.Text, 0.5);

        int top = inner.Y + height + page.Px(0.03);
        int bottom = Notice(page, inner, page.Px(0.03));
        return new Area(inner.X, top, inner.Width, bottom - top);
    }

    /// <summary>The notice at the bottom of an area, when there is one.</summary>
    /// <returns>Where what lies above it has to end.</returns>
    public static int Notice(Page page, Area area, int gap)
    {
        if (page.Contents.Notice is not { } trouble)
            return area.Bottom();
        int pad = page.Px(0.022), icon = page.Px(0.06);
        int textWidth = area.Width - 3 * pad - icon;
        TextStyle whatStyle = page.Style(TypeScale.Body, isBold: true, lines: 2), doStyle = page.Style(TypeScale.Note, lines: 4);
        string what = page.Words.What(trouble), advice = page.Words.Do(trouble);
        int whatHeight = page.Measure(what, whatStyle, textWidth).Height, adviceHeight = page.Measure(advice, doStyle, textWidth).Height;

        int height = whatHeight + adviceHeight + pad * 3 / 2;
        var card = new Area(area.X, area.Bottom() - height, area.Width, height);
        page.Card(card);
        page.Sign(new Area(card.X + pad, card.Y, icon, height), icon, IconOf(trouble), page.Theme.Care, page.Theme.Surface);
        int left = card.X + 2 * pad + icon, y = card.Y + pad * 3 / 4;
        page.Text(new Area(left, y, textWidth, whatHeight), what, whatStyle, page.Theme.Text);
        page.Text(new Area(left, y + whatHeight, textWidth, adviceHeight), advice, doStyle, page.Theme.Quiet);
        return card.Y - gap;
    }

    /// <summary>A sign, a title and a sentence in the middle of an area.</summary>
    public static void Message(Page page, Area area, Icon icon, Colour colour, string above, string title, string sentence, string below = "")
    {
        int width = Math.Min(area.Width, page.Px(1.5)), gap = page.Px(0.03), size = page.Px(0.15);
        TextStyle aboveStyle = page.Style(TypeScale.Body, align: Align.Centre);
        TextStyle titleStyle = page.Style(TypeScale.Title, isBold: true, Align.Centre, lines: 2, smallest: TypeScale.Heading);
        TextStyle sentenceStyle = page.Style(TypeScale.Body * 1.1, align: Align.Centre, lines: 4, smallest: TypeScale.Body);
        TextStyle belowStyle = page.Style(TypeScale.Note, align: Align.Centre);
        int aboveHeight = Height(page, above, aboveStyle, width), titleHeight = Height(page, title, titleStyle, width);
        int sentenceHeight = Height(page, sentence, sentenceStyle, width), belowHeight = Height(page, below, belowStyle, width);

        int height = size + gap + (aboveHeight > 0 ? aboveHeight + gap / 3 : 0) + titleHeight + gap / 2 + sentenceHeight + (belowHeight > 0 ? gap + belowHeight : 0);
        int x = area.X + (area.Width - width) / 2, y = area.Y + Math.Max(0, (area.Height - height) / 2);
        page.Sign(new Area(x, y, width, size), size, icon, colour);
        y += size + gap;
        if (aboveHeight > 0)
        {
            page.Text(new Area(x, y, width, aboveHeight), above, aboveStyle, page.Theme.Quiet);
            y += aboveHeight + gap / 3;
        }
        page.Text(new Area(x, y, width, titleHeight), title, titleStyle, page.Theme.Text);
        y += titleHeight + gap / 2;
        page.Text(new Area(x, y, width, sentenceHeight), sentence, sentenceStyle, page.Theme.Quiet);
        y += sentenceHeight + gap;
        page.Text(new Area(x, y, width, belowHeight), below, belowStyle, page.Theme.Quiet);
    }

    /// <summary>How high a text is in a width; 0 when there is none.</summary>
    public static int Height(Page page, string text, TextStyle style, int width) => text.Length == 0 ? 0 : page.Measure(text, style, width).Height;

    /// <summary>A sign and some words on a round ground; the sign alone when there is no room for the words.</summary>
    /// <param name="page">The page.</param>
    /// <param name="right">Where it ends.</param>
    /// <param name="bar">What it stands in the middle of.</param>
    /// <param name="most">How wide it may be.</param>
    /// <param name="icon">The sign.</param>
    /// <param name="text">The words.</param>
    /// <param name="colour">Of both.</param>
    /// <returns>Where it begins.</returns>
    public static int Pill(Page page, int right, Area bar, int most, Icon icon, string text, Colour colour)
    {
        if (PillWidth(page, text) > most)
            text = "";
        int pad = page.Px(PillPad), sign = page.Px(PillSign), height = page.Px(0.06), width = PillWidth(page, text);
        var pill = new Area(right - width, bar.Y + (bar.Height - height) / 2, width, height);
        page.Fill(pill, page.Theme.Surface, height / 2);
        if (page.IsOutlined)
            page.Outline(pill, page.Theme.Line, height / 2, page.Px(0.003));
        page.Sign(new Area(pill.X + pad, pill.Y, sign, height), sign, icon, colour, page.Theme.Surface);
        int left = pill.X + pad + sign + pad / 2;
        page.Text(new Area(left, pill.Y, pill.Right() - pad - left, height), text, page.Style(TypeScale.Note, isBold: true), colour, 0.5);
        return pill.X;
    }

    /// <summary>How wide a pill with these words is.</summary>
    public static int PillWidth(Page page, string text)
    {
        int pad = page.Px(PillPad), sign = page.Px(PillSign);
        return text.Length == 0 ? sign + 2 * pad : sign + 2 * pad + pad / 2 + page.Measure(text, page.Style(TypeScale.Note, isBold: true), page.Whole.Width).Width + 1;
    }

    private const double PillPad = 0.016;
    private const double PillSign = 0.036;

    /// <summary>The sign for a trouble.</summary>
    public static Icon IconOf(Trouble trouble) => trouble switch
    {
        Trouble.NoCamera or Trouble.CameraLost or Trouble.EncoderFailed => Icon.CameraOff,
        Trouble.NoMicrophone or Trouble.MicrophoneLost => Icon.MicrophoneOff,
        Trouble.NoSpeaker => Icon.Speaker,
        Trouble.NoNetwork => Icon.Network,
        Trouble.HubUnreachable or Trouble.HubRefused or Trouble.MeetingLostByHub => Icon.Hub,
        Trouble.ClockNotTrusted or Trouble.NextBookingInFiveMinutes or Trouble.NextBookingInOneMinute => Icon.Clock,
        Trouble.CertificateExpired or Trouble.CertificateRevoked or Trouble.NotPaired => Icon.Certificate,
        Trouble.StorageFull => Icon.Disk,
        Trouble.TooHot => Icon.Heat,
        Trouble.NotAdmitted or Trouble.MeetingLocked or Trouble.MemberNotConfirmed or Trouble.SomebodyWaits => Icon.Person,
        Trouble.MeetingFull => Icon.People,
        Trouble.RemovedFromMeeting or Trouble.MeetingEnded => Icon.Door,
        _ => Icon.Warning,
    };
}
