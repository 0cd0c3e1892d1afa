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
            // Three in a row, four rows, in the width that there is.
            y += MeetingPage.Groups(page, inner with { Y = y }, code, 12, 4, TypeScale.Body * 1.05) + page.Px(0.008);
            TextStyle style = page.Style(TypeScale.Note, lines: 3);
            string text = page.Words[code.IsChanging ? Word.CodeChanging : Word.CodeCompare];
            int height = Parts.Height(page, text, style, inner.Width);
            page.Text(inner with { Y = y, Height = height }, text, style, code.IsChanging ? page.Theme.Care : page.Theme.Quiet);
            y += height + page.Px(0.016);
        }

        string unknown = "–";
        (Word Label, string Value)[] rows =
        [
            (Word.Epoch, scene.Code?.Epoch.ToString() ?? unknown),
            (Word.Members, scene.Code?.Members.ToString() ?? unknown),
            (Word.GroupSuite, information.GroupSuite),
            (Word.MediaSuite, information.MediaSuite),
            (Word.TransportSuite, information.TransportSuite),
            (Word.Issuer, information.Issuer),
            (Word.Transport, information.Transport),
        ];
        page.Fill(new Area(inner.X, y, inner.Width, page.Px(0.002)), page.Theme.Line);
        y += page.Px(0.010);
        int step = (inner.Bottom() - y) / rows.Length;
        foreach ((Word label, string value) in rows)
        {
            var row = new Area(inner.X, y, inner.Width, step);
            int half = inner.Width * 44 / 100;
            page.Text(row with { Width = half }, page.Words[label], page.Style(TypeScale.Note), page.Theme.Quiet, 0.5);
            string clean = ShownText.CleanName(value);
            page.Text(row with { X = row.X + half + page.Px(0.014), Width = row.Width - half - page.Px(0.014) }, clean.Length == 0 ? unknown : clean,
                page.Style(TypeScale.Note, isBold: true), page.Theme.Text, 0.5);
            y += step;
        }
    }
}
