namespace RoomAgent.Hal.Media.Drawing.Pages;

/// <summary>The security page: the whole code, what to do with it, and what protects the meeting.</summary>
internal static class SecurityPanel
{
    public static void Compose(Page page, Area area, MeetingScene scene, SecurityInformation information)
    {
        page.Card(area);
        Area inner = area.Inset(page.Px(0.034), page.Px(0.024));
        (Icon icon, Word word, Colour colour) = MeetingPage.Of(page, scene.Protection);

        int sign = page.Px(0.056), head = page.Px(0.06);
        page.Sign(new Area(inner.X, inner.Y, sign, head), sign, icon, colour, page.Theme.Surface);
        int left = sign + page.Px(0.014);
        page.Text(inner with { X = inner.X + left, Width = inner.Width - left, Height = head }, page.Words[word], page.Style(TypeScale.Body, isBold: true), colour, 0.5);
        int y = inner.Y + head + page.Px(0.014);

        if (scene.Code is { } code)
        {
            y += MeetingPage.Groups(page, inner with { Y = y }, code, 12, 4, TypeScale.Body * 1.05) + page.Px(0.008);
            TextStyle style = page.Style(TypeScale.Note, lines: 3);
            string text = page.Words[code.IsChanging ? Word.CodeChanging : Word.CodeCompare];
            if (code is { IsChanging: false, IsHeld: true })
                text = page.Words.Format(Word.CodeHeld, code.Epoch.ToString());
            int height = Parts.Height(page, text, style, inner.Width);
            page.Text(inner with { Y = y, Height = height }, text, style, code.IsChanging ? page.Theme.Care : page.Theme.Quiet);
            y += height + page.Px(0.016);
        }

        (Word Label, string Value)[] rows =
        [
            (Word.Epoch, scene.Code?.Epoch.ToString() ?? Unknown),
            (Word.Members, scene.Code?.Members.ToString() ?? Unknown),
            (Word.GroupSuite, information.GroupSuite),
            (Word.MediaSuite, information.MediaSuite),
            (Word.TransportSuite, information.TransportSuite),
            (Word.Issuer, information.Issuer),
            (Word.Transport, information.Transport),
        ];
        page.Fill(new Area(inner.X, y, inner.Width, page.Px(0.002)), page.Theme.Line);
        y += page.Px(0.010);
        int label = inner.Width * 36 / 100, gap = page.Px(0.014), room = inner.Width - label - gap;
        // A long name has two lines where that leaves room for all.
        TextStyle bold = page.Style(TypeScale.Note, isBold: true, lines: 2);
        int[] heights = [.. rows.Select(row => Parts.Height(page, Shown(row.Value), bold, room))];
        int rest = inner.Bottom() - y - heights.Sum();
        if (rest < 0)
        {
            bold = bold with { Lines = 1 };
            heights = [.. rows.Select(row => Parts.Height(page, Shown(row.Value), bold, room))];
            rest = inner.Bottom() - y - heights.Sum();
        }
        int between = Math.Min(Math.Max(0, rest / rows.Length), page.Px(0.02));
        for (int i = 0; i < rows.Length && y + heights[i] <= inner.Bottom(); i++)
        {
            var line = new Area(inner.X, y, inner.Width, heights[i]);
            page.Text(line with { Width = label }, page.Words[rows[i].Label], page.Style(TypeScale.Note), page.Theme.Quiet);
            page.Text(line with { X = line.X + label + gap, Width = room }, Shown(rows[i].Value), bold, page.Theme.Text);
            y += heights[i] + between;
        }
    }

    private static string Shown(string value)
    {
        string clean = ShownText.CleanName(value);
        return clean.Length == 0 ? Unknown : clean;
    }

    private const string Unknown = "–";
}
