namespace RoomAgent.Hal.Media.Drawing.Pages;

/// <summary>The code, large; where to type it; the same as a QR code; how long it holds.</summary>
internal static class PairingPage
{
    private const int MostSigns = 12;

    public static void Compose(Page page, PairingScene scene)
    {
        Area area = Parts.Surround(page, hasClock: false);
        QrCode? qr = QrCode.Of(scene.ScanAddress);
        if (qr is not null)
            area = PlaceQr(page, area, qr);

        string[] halves = HalvesOf(scene.Code);
        int gap = page.Px(0.012), between = page.Px(0.04), signs = halves.Sum(half => half.Length);
        int width = Math.Min(page.Px(0.125), (area.Width - gap * (signs - 2) - between) / Math.Max(signs, 1)), height = width * 5 / 4;

        TextStyle title = page.Style(TypeScale.Title, isBold: true, lines: 2, smallest: TypeScale.Heading), step = page.Style(TypeScale.Body, lines: 2);
        TextStyle address = page.Style(TypeScale.Heading, isBold: true), note = page.Style(TypeScale.Note, lines: 4);
        string shown = ShownText.CleanName(scene.Address);
        (string Text, TextStyle Style, Colour Colour, double After)[] lines =
        [
            (page.Words[Word.PairTitle], title, page.Theme.Text, 0.045),
            (page.Words[Word.PairOpen], step, page.Theme.Quiet, 0.004),
            (shown, address, page.Theme.Accent, 0.035),
            (page.Words[Word.PairType], step, page.Theme.Quiet, 0.016),
        ];
        string digits = new([.. scene.Digits.Where(char.IsAsciiDigit).Take(MostSigns)]);
        string words = ShownText.CleanName(scene.HubWords);
        (string Text, TextStyle Style, Colour Colour, double After)[] notes =
        [
            (digits.Length > 0 ? page.Words.Format(Word.PairDigits, digits) : "", step, page.Theme.Text, 0.006),
            (words.Length > 0 ? page.Words.Format(Word.PairWords, words) : "", note, page.Theme.Quiet, 0.006),
            (TimeLeft(page, scene.ValidUntil), note, page.Theme.Quiet, 0),
        ];
        int heightOf((string Text, TextStyle Style, Colour Colour, double After) line) => line.Text.Length == 0 ? 0 : Parts.Height(page, line.Text, line.Style, area.Width) + page.Px(line.After);
        int total = lines.Concat(notes).Sum(heightOf) + height + page.Px(0.03);
        // Where a notice leaves too little room the hub's words give way, which one can also see on its page, and then the title.
        if (total > area.Height)
        {
            total -= heightOf(notes[1]);
            notes[1].Text = "";
        }
        if (total > area.Height)
        {
            total -= heightOf(lines[0]);
            lines[0].Text = "";
        }

        int y = area.Y + Math.Max(0, (area.Height - total) / 2);
        foreach (var line in lines.Where(line => line.Text.Length > 0))
        {
            int lineHeight = Parts.Height(page, line.Text, line.Style, area.Width);
            page.Text(new Area(area.X, y, area.Width, lineHeight), line.Text, line.Style, line.Colour);
            y += lineHeight + page.Px(line.After);
        }

        int x = area.X;
        Colour colour = scene.ValidUntil > page.Now ? page.Theme.Text : page.Theme.Quiet with { Opacity = 0.5 };
        foreach (string half in halves)
        {
            foreach (char sign in half)
            {
                var box = new Area(x, y, width, height);
                page.Card(box);
                page.Text(box, sign.ToString(), page.Style(0.9 * width / page.Px(1), isBold: true, Align.Centre), colour, 0.5);
                x += width + gap;
            }
            x += between - gap;
        }
        y += height + page.Px(0.03);
        foreach (var line in notes.Where(line => line.Text.Length > 0))
        {
            int lineHeight = Parts.Height(page, line.Text, line.Style, area.Width);
            page.Text(new Area(area.X, y, area.Width, lineHeight), line.Text, line.Style, line.Colour);
            y += lineHeight + page.Px(line.After);
        }
    }

    private static Area PlaceQr(Page page, Area area, QrCode qr)
    {
        TextStyle style = page.Style(TypeScale.Note, align: Align.Centre, lines: 2);
        int size = page.Px(0.46), gap = page.Px(0.02);
        int words = Parts.Height(page, page.Words[Word.PairScan], style, size);
        var box = new Area(area.Right() - size, area.Y + (area.Height - size - gap - words) / 2, size, size);
        page.Qr(box, qr);
        page.Text(new Area(box.X, box.Bottom() + gap, size, words), page.Words[Word.PairScan], style, page.Theme.Quiet);
        return area with { Width = area.Width - size - page.Px(0.09) };
    }

    private static string[] HalvesOf(string code)
    {
        string signs = new([.. code.Where(char.IsAsciiLetterOrDigit).Take(MostSigns)]);
        return [signs[..((signs.Length + 1) / 2)], signs[((signs.Length + 1) / 2)..]];
    }

    // By the minute, since a code that counts seconds makes people hurry.
    private static string TimeLeft(Page page, DateTimeOffset until)
    {
        TimeSpan left = until - page.Now;
        if (left <= TimeSpan.Zero)
            return page.Words[Word.PairEnded];
        int minutes = (int)Math.Min(left.TotalMinutes, 999);
        page.Changes(minutes < 999 ? until.AddMinutes(-minutes) : page.Now.AddMinutes(1));
        if (minutes == 0)
        {
            page.Changes(until);
            return page.Words[Word.PairLastMinute];
        }
        return page.Words.Format(Word.PairMinutes, minutes.ToString());
    }
}
