namespace RoomAgent.Hal.Media.Drawing.Pages;

/// <summary>The time, whether the room is free, and its day.</summary>
internal static class IdlePage
{
    public static void Compose(Page page, IdleScene scene)
    {
        Area area = Parts.Surround(page, hasClock: false);
        page.ChangesNextMinute();
        CalendarEntry[] entries = [.. scene.Today.Where(entry => entry.End > page.Now && entry.End > entry.Start).OrderBy(entry => entry.Start).ThenBy(entry => entry.End)];

        int dayWidth = page.Px(0.78);
        int column = Math.Min(dayWidth, area.Width * 48 / 100);
        ComposeNow(page, area with { Width = area.Width - column - page.Px(0.06) }, entries, scene.DoNotDisturbUntil);
        ComposeDay(page, new Area(area.Right() - column, area.Y, column, area.Height), entries);
    }

    private static void ComposeNow(Page page, Area area, CalendarEntry[] entries, DateTimeOffset? quietUntil)
    {
        TextStyle clock = page.Style(TypeScale.Display, isBold: true, smallest: TypeScale.Title), day = page.Style(TypeScale.Heading, lines: 2, smallest: TypeScale.Body);
        TextStyle state = page.Style(TypeScale.Body, isBold: true, lines: 2, smallest: TypeScale.Note);
        (string text, bool isFree) = quietUntil is { } until && until > page.Now ? (page.Words.Format(Word.DoNotDisturb, page.Time(until)), false) : StateOf(page, entries);
        string time = page.Time(page.Now), date = page.Words.Day(page.Now);
        int dot = page.Px(0.02), gap = page.Px(0.018), lineWidth = area.Width - dot - gap;
        int clockHeight = Parts.Height(page, time, clock, area.Width), dayHeight = Parts.Height(page, date, day, area.Width), stateHeight = Parts.Height(page, text, state, lineWidth);

        int y = area.Y + (area.Height - clockHeight - dayHeight - page.Px(0.05) - stateHeight) / 2 - page.Px(0.03);
        page.Text(new Area(area.X, y, area.Width, clockHeight), time, clock, page.Theme.Text);
        y += clockHeight;
        page.Text(new Area(area.X, y, area.Width, dayHeight), date, day, page.Theme.Quiet);
        y += dayHeight + page.Px(0.05);
        Colour colour = isFree ? page.Theme.Good : page.Theme.Care;
        page.Fill(new Area(area.X, y + (stateHeight - dot) / 2, dot, dot), colour, dot / 2);
        page.Text(new Area(area.X + dot + gap, y, lineWidth, stateHeight), text, state, colour);

        // What is off is as much a part of a room's state.
        int icon = page.Px(0.04), height = page.Px(0.09);
        var foot = new Area(area.X, area.Bottom() - height, area.Width, height);
        page.Sign(foot with { Width = icon }, icon, Icon.CameraOff, page.Theme.Quiet);
        page.Sign(foot with { X = foot.X + icon + gap, Width = icon }, icon, Icon.MicrophoneOff, page.Theme.Quiet);
        int left = 2 * (icon + gap);
        page.Text(new Area(foot.X + left, foot.Y, foot.Width - left, height), page.Words[Word.DevicesOff], page.Style(TypeScale.Note, lines: 2), page.Theme.Quiet, 0.5);
    }

    private static (string Text, bool IsFree) StateOf(Page page, CalendarEntry[] entries)
    {
        if (entries.Length == 0)
            return (page.Words[Word.FreeToday], true);
        if (entries[0].Start > page.Now)
            return (page.Words.Format(Word.FreeUntil, page.Time(entries[0].Start)), true);
        // Meetings one after the other, or one over the other, are one time in use.
        DateTimeOffset end = entries[0].End;
        foreach (CalendarEntry entry in entries.Where(entry => entry.Start <= end && entry.End > end))
            end = entry.End;
        return (page.Words.Format(Word.BusyUntil, page.Time(end)), false);
    }

    private static void ComposeDay(Page page, Area area, CalendarEntry[] entries)
    {
        page.Card(area);
        Area inner = area.Inset(page.Px(0.035), page.Px(0.03));
        int head = page.Px(0.06), row = page.Px(0.125), more = page.Px(0.05);
        page.Text(inner with { Height = head }, page.Words[Word.Today], page.Style(TypeScale.Body, isBold: true), page.Theme.Text, 0.5);
        inner = inner with { Y = inner.Y + head + page.Px(0.012), Height = inner.Height - head - page.Px(0.012) };
        if (entries.Length == 0)
        {
            page.Sign(inner with { Height = inner.Height / 2 + page.Px(0.02) }, page.Px(0.12), Icon.Calendar, page.Theme.Quiet, page.Theme.Surface);
            page.Text(inner with { Y = inner.Y + inner.Height / 2, Height = inner.Height / 2 }, page.Words[Word.NothingToday], page.Style(TypeScale.Body, align: Align.Centre, lines: 3), page.Theme.Quiet);
            return;
        }

        int fits = Math.Max(0, inner.Height / row);
        if (entries.Length > fits)
            fits = Math.Max(0, (inner.Height - more) / row);
        // What is left goes between them, so that a full card looks full.
        row = Math.Clamp((inner.Height - (entries.Length > fits ? more : 0)) / Math.Max(fits, 1), row, row * 5 / 4);
        for (int i = 0; i < Math.Min(fits, entries.Length); i++)
            ComposeEntry(page, inner with { Y = inner.Y + i * row, Height = row }, entries[i]);
        if (entries.Length > fits)
            page.Text(inner with { Y = inner.Y + fits * row, Height = more }, page.Words.Format(Word.More, (entries.Length - fits).ToString()), page.Style(TypeScale.Note), page.Theme.Quiet, 0.5);
    }

    private static void ComposeEntry(Page page, Area row, CalendarEntry entry)
    {
        bool isNow = entry.Start <= page.Now;
        int bar = page.Px(0.006), gap = page.Px(0.02), half = page.Px(0.052);
        page.Fill(new Area(row.X, row.Y + page.Px(0.012), bar, 2 * half), isNow ? page.Theme.Accent : page.Theme.Line, bar / 2);

        var text = new Area(row.X + bar + gap, row.Y + page.Px(0.012), row.Width - bar - gap, half);
        string title = ShownText.CleanName(entry.Title);
        page.Text(text, title.Length == 0 ? page.Words[Word.PrivateMeeting] : title, page.Style(TypeScale.Body, isBold: true, smallest: TypeScale.Body), page.Theme.Text, 0.5);

        // Where it takes place is what people here need to know of a meeting elsewhere, rather than when it ends.
        string elsewhere = ShownText.CleanName(entry.Elsewhere);
        string time = elsewhere.Length > 0 ? page.Time(entry.Start) : $"{page.Time(entry.Start)} – {page.Time(entry.End)}";
        TextStyle style = page.Style(TypeScale.Note);
        int timeWidth = Math.Min(page.Measure(time, style, text.Width).Width + 1, text.Width);
        var second = text with { Y = text.Bottom() };
        page.Text(second with { Width = timeWidth }, time, style, isNow ? page.Theme.Accent : page.Theme.Quiet, 0.5);

        string rest = elsewhere.Length > 0 ? page.Words.Format(Word.Elsewhere, elsewhere) : isNow ? page.Words[Word.Now] : ShownText.CleanName(entry.Organizer);
        int left = timeWidth + gap * 3 / 2;
        page.Text(second with { X = second.X + left, Width = Math.Max(0, second.Width - left) }, rest, page.Style(TypeScale.Note, isBold: isNow), isNow ? page.Theme.Accent : page.Theme.Quiet, 0.5);
    }
}
