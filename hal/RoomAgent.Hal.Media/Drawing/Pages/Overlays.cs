namespace RoomAgent.Hal.Media.Drawing.Pages;

/// <summary>What lies over every page: a message, a line of text.</summary>
internal static class Overlays
{
    public static void Compose(Page page)
    {
        if (page.Contents.TextLine is { } line && line.Until > page.Now)
            ComposeLine(page, line);
        if (page.Contents.Alert is { } alert && alert.Until > page.Now)
            ComposeAlert(page, alert);
    }

    private static void ComposeAlert(Page page, ScreenAlert alert)
    {
        page.Changes(alert.Until);
        string title = ShownText.CleanName(alert.Title), text = ShownText.CleanSentence(alert.Text);
        int edge = page.Px(0.045), width = Math.Min(page.Px(1.3), page.Whole.Width - 2 * edge), room = width - 2 * edge;
        TextStyle titleStyle = page.Style(TypeScale.Heading, isBold: true, lines: 2, smallest: TypeScale.Body), textStyle = page.Style(TypeScale.Body, lines: 9);
        int most = page.Whole.Height * 54 / 100;
        int titleHeight = Parts.Height(page, title, titleStyle, room);
        int textHeight = text.Length == 0 ? 0 : page.Measure(text, textStyle, room, most).Height;
        int gap = titleHeight > 0 && textHeight > 0 ? page.Px(0.014) : 0;
        int height = titleHeight + gap + textHeight + 2 * edge * 8 / 10;

        var card = new Area((page.Whole.Width - width) / 2, page.Whole.Height / 8, width, height);
        page.Fill(card, page.Theme.Surface, page.CardRadius);
        page.Outline(card, page.Theme.Accent, page.CardRadius, page.Px(0.004));
        int x = card.X + edge, y = card.Y + edge * 8 / 10;
        page.Text(new Area(x, y, room, titleHeight), title, titleStyle, page.Theme.Text);
        page.Text(new Area(x, y + titleHeight + gap, room, textHeight), text, textStyle, page.Theme.Text);
    }

    private static void ComposeLine(Page page, ScreenTextLine line)
    {
        string text = ShownText.CleanSentence(line.Text);
        if (text.Length == 0)
            return;
        page.Changes(line.Until);
        int pad = page.Px(0.022), edge = page.Px(0.02);
        TextStyle style = page.Style(TypeScale.Body, lines: 2);
        LaidText laid = page.Measure(text, style, page.Whole.Width - 2 * (edge + pad));
        int width = Math.Min(laid.Width + 1, page.Whole.Width - 2 * (edge + pad)) + 2 * pad, height = laid.Height + pad;
        int x = Math.Clamp(Place(line.X, page.Whole.Width) - width / 2, edge, page.Whole.Width - edge - width);
        // Never over how a meeting is protected, nor over its code: those are the screen's own words.
        int top = page.Px(MeetingPage.TopBar), bottom = page.Whole.Height - page.Px(MeetingPage.BottomBar);
        int y = Math.Clamp(Place(line.Y, page.Whole.Height) - height / 2, top, bottom - height);
        var box = new Area(x, y, width, height);
        page.Fill(box, page.Theme.Label with { Opacity = 1 }, page.CardRadius);
        page.Outline(box, page.Theme.Line, page.CardRadius, page.Px(0.002));
        page.Text(box.Inset(pad, pad / 2), text, style, page.Theme.Text, 0.5);
    }

    private static int Place(int at, int length) => (int)((long)Math.Clamp(at, 1, 10_000) * length / 10_000);
}
