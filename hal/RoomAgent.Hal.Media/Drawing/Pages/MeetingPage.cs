namespace RoomAgent.Hal.Media.Drawing.Pages;

/// <summary>
/// A meeting. On top how it is protected, its title and the time; in the middle the tiles and, when asked for, the security page;
/// below the security code and what of the room is off.
/// </summary>
internal static class MeetingPage
{
    /// <summary>Where the screen itself says how the meeting is protected, as a part of its height.</summary>
    public const double TopBar = 0.078;

    /// <summary>Where the security code stands.</summary>
    public const double BottomBar = 0.094;

    private const int MostTiles = 9;
    private const int MostThumbnails = 4;

    // Between groups of digits, as a part of their size.
    private const double GroupGap = 0.42;

    public static void Compose(Page page, MeetingScene scene)
    {
        int margin = page.Px(0.024), top = page.Px(TopBar), bottom = page.Px(BottomBar);
        Area inner = page.Whole.Inset(margin, 0);
        ComposeTop(page, inner with { Height = top }, scene);
        ComposeBottom(page, new Area(inner.X, inner.Bottom() - bottom, inner.Width, bottom), scene);

        var stage = new Area(inner.X, top, inner.Width, inner.Height - top - bottom);
        if (scene.Information is { } information)
        {
            int width = Math.Min(page.Px(0.84), stage.Width / 2);
            SecurityPanel.Compose(page, stage with { X = stage.Right() - width, Width = width }, scene, information);
            stage = stage with { Width = stage.Width - width - page.Px(0.014) };
        }
        stage = stage with { Height = Parts.Notice(page, stage, page.Px(0.014)) - stage.Y };
        ComposeStage(page, stage, scene);
    }

    /// <summary>The sign and the name of a protection, each its own.</summary>
    public static (Icon Icon, Word Word, Colour Colour) Of(Page page, MeetingProtection protection) => protection == MeetingProtection.EndToEndEncrypted
        ? (Icon.EndToEnd, Word.EndToEndEncrypted, page.Theme.Good)
        : (Icon.Encrypted, Word.Encrypted, page.Theme.Text);

    private static void ComposeTop(Page page, Area bar, MeetingScene scene)
    {
        (Icon icon, Word word, Colour colour) = Of(page, scene.Protection);
        int sign = page.Px(0.056), gap = page.Px(0.014);
        page.Sign(bar with { Width = sign }, sign, icon, colour);
        var label = new Area(bar.X + sign + gap, bar.Y, page.Px(0.5), bar.Height);
        int left = page.Text(label, page.Words[word], page.Style(TypeScale.Note, isBold: true), colour, 0.5).Right();

        Area time = page.Text(bar with { X = bar.Right() - page.Px(0.3), Width = page.Px(0.3) }, page.Time(page.Now), page.Style(TypeScale.Body, align: Align.End), page.Theme.Quiet, 0.5);
        page.ChangesNextMinute();

        // In the middle of the screen, as wide as the wider side lets it be.
        int side = Math.Max(left - bar.X, bar.Right() - time.X) + page.Px(0.03);
        page.Text(bar.Inset(side, 0), ShownText.CleanName(scene.Title), page.Style(TypeScale.Body, align: Align.Centre), page.Theme.Text, 0.5);
    }

    private static void ComposeBottom(Page page, Area bar, MeetingScene scene)
    {
        int left = scene.Protection == MeetingProtection.EndToEndEncrypted
            ? ComposeCode(page, bar, scene.Code)
            : page.Text(bar with { Width = bar.Width / 3 }, ShownText.CleanName(page.Contents.RoomName), page.Style(TypeScale.Note), page.Theme.Quiet, 0.5).Right();

        // With words as far as there is room for them, the microphones first.
        int gap = page.Px(0.016), right = bar.Right();
        int reserved = scene.IsMuted && scene.IsCameraOff ? Parts.PillWidth(page, "") + gap : 0;
        if (scene.IsMuted)
            right = Parts.Pill(page, right, bar, right - left - gap - reserved, Icon.MicrophoneOff, page.Words[Word.Muted], page.Theme.Danger) - gap;
        if (scene.IsCameraOff)
            Parts.Pill(page, right, bar, right - left - gap, Icon.CameraOff, page.Words[Word.CameraOff], page.Theme.Text);
    }

    // Returns where it ends.
    private static int ComposeCode(Page page, Area bar, SecurityCode? code)
    {
        string second = code switch
        {
            null => page.Words[Word.CodePending],
            { IsChanging: true } => page.Words[Word.CodeChanging],
            { IsHeld: true } => page.Words.Format(Word.CodeHeld, code.Epoch.ToString()),
            { IsNotConfirmed: true } => page.Words.Format(Word.CodeUnconfirmed, code.Epoch.ToString()),
            _ => page.Words.Format(Word.CodeOf, code.Epoch.ToString(), code.Members.ToString()),
        };
        TextStyle head = page.Style(TypeScale.Note, isBold: true), quiet = page.Style(TypeScale.Note);
        string title = page.Words[Word.SecurityCode];
        int gap = page.Px(0.03), digits = code is null ? 0 : GroupWidth(page, TypeScale.Body) * 6 + page.Px(TypeScale.Body * GroupGap) * 5;
        int room = Math.Max(page.Px(0.1), bar.Width - digits - 2 * gap);
        int width = Math.Min(room, Math.Max(page.Measure(title, head, room).Width, page.Measure(second, quiet, room).Width) + 1);
        int half = bar.Height * 44 / 100, y = bar.Y + (bar.Height - 2 * half) / 2;
        page.Text(new Area(bar.X, y, width, half), title, head, page.Theme.Text, 0.5);
        page.Text(new Area(bar.X, y + half, width, half), second, quiet, code is { IsChanging: true } or { IsNotConfirmed: true, IsHeld: false } ? page.Theme.Care : page.Theme.Quiet, 0.5);
        int left = bar.X + width;
        if (code is null)
            return left;
        Groups(page, new Area(left + gap, bar.Y, digits, bar.Height), code, 6, 6, TypeScale.Body);
        return left + gap + digits;
    }

    /// <summary>Groups of the security code in rows.</summary>
    /// <returns>How high they are.</returns>
    public static int Groups(Page page, Area box, SecurityCode code, int count, int perRow, double size)
    {
        TextStyle style = page.Style(size, isBold: true, smallest: size);
        int width = GroupWidth(page, size), gap = page.Px(size * GroupGap), rows = (Math.Min(count, code.Groups.Count) + perRow - 1) / perRow;
        int height = perRow >= count ? box.Height : page.Px(size * 1.4);
        for (int i = 0; i < Math.Min(count, code.Groups.Count); i++)
        {
            string digits = new([.. code.Groups[i].Where(char.IsAsciiDigit).Take(5)]);
            var at = new Area(box.X + i % perRow * (width + gap), box.Y + i / perRow * height, width, height);
            page.Text(at, digits, style, code.IsChanging ? page.Theme.Quiet : page.Theme.Text, 0.5);
        }
        return rows * height;
    }

    /// <summary>How wide five digits are.</summary>
    public static int GroupWidth(Page page, double size) => page.Measure("00000", page.Style(size, isBold: true, smallest: size), page.Whole.Width).Width + 1;

    private static void ComposeStage(Page page, Area stage, MeetingScene scene)
    {
        int gap = page.Px(0.014);
        MeetingTile? content = scene.Tiles.FirstOrDefault(tile => tile.IsContent);
        if (scene.Tiles.Count == 0)
        {
            ComposeAlone(page, stage, scene);
            return;
        }
        if (scene.Layout == MeetingLayout.Grid && content is null)
        {
            int cells = Math.Min(scene.Tiles.Count, MostTiles) + (scene.SelfView is null ? 0 : 1);
            ComposeCells(page, GridOf(stage, cells, gap), scene, [.. scene.Tiles]);
            return;
        }

        MeetingTile large = content ?? scene.Tiles.FirstOrDefault(tile => tile.Id == scene.Speaker) ?? scene.Tiles[0];
        MeetingTile[] others = [.. scene.Tiles.Where(tile => tile != large)];
        int thumbnails = Math.Min(others.Length + (scene.SelfView is null ? 0 : 1), MostThumbnails);
        if (thumbnails == 0)
        {
            Tiles.Other(page, Shape(stage), large);
            return;
        }
        // A column at the right of four thumbnails' width of 16:9, whether there are four or fewer.
        int height = (stage.Height - (MostThumbnails - 1) * gap) / MostThumbnails, width = height * 16 / 9;
        if (width > stage.Width / 3)
            (width, height) = (stage.Width / 3, stage.Width / 3 * 9 / 16);
        Tiles.Other(page, Shape(stage with { Width = stage.Width - width - gap }), large);
        int top = stage.Y + (stage.Height - thumbnails * height - (thumbnails - 1) * gap) / 2;
        ComposeCells(page, [.. Enumerable.Range(0, thumbnails).Select(i => new Area(stage.Right() - width, top + i * (height + gap), width, height))], scene, others);
    }

    // The room itself has the last cell; who has none is counted in the one before.
    private static void ComposeCells(Page page, Area[] cells, MeetingScene scene, MeetingTile[] tiles)
    {
        int room = cells.Length - (scene.SelfView is null ? 0 : 1);
        int seen = tiles.Length <= room ? tiles.Length : Math.Max(0, room - 1);
        for (int i = 0; i < seen; i++)
            Tiles.Other(page, cells[i], tiles[i]);
        if (seen < tiles.Length && room > 0)
            Tiles.More(page, cells[seen], tiles.Length - seen);
        if (scene.SelfView is { } self)
            Tiles.Own(page, cells[^1], self, scene.IsCameraOff, scene.IsMuted);
    }

    private static void ComposeAlone(Page page, Area stage, MeetingScene scene)
    {
        if (scene.SelfView is { } self)
        {
            int height = stage.Height * 55 / 100;
            Tiles.Own(page, Shape(stage with { Height = height }), self, scene.IsCameraOff, scene.IsMuted);
            stage = stage with { Y = stage.Y + height, Height = stage.Height - height };
        }
        page.Text(stage.Inset(page.Px(0.2), page.Px(0.02)), page.Words[Word.NobodyElse], page.Style(TypeScale.Heading, align: Align.Centre, lines: 3, smallest: TypeScale.Body), page.Theme.Quiet, 0.4);
    }

    // Rows of tiles of 16:9, as large as they can be, the last row in the middle.
    private static Area[] GridOf(Area stage, int count, int gap)
    {
        int columns = 1, width = 0;
        for (int tried = 1; tried <= count; tried++)
        {
            int rowsThen = (count + tried - 1) / tried;
            int widthThen = Math.Min((stage.Width - (tried - 1) * gap) / tried, (stage.Height - (rowsThen - 1) * gap) / rowsThen * 16 / 9);
            if (widthThen > width)
                (columns, width) = (tried, widthThen);
        }
        int height = width * 9 / 16, rows = (count + columns - 1) / columns;
        int top = stage.Y + (stage.Height - rows * height - (rows - 1) * gap) / 2;
        var cells = new Area[count];
        for (int i = 0; i < count; i++)
        {
            int row = i / columns, inRow = Math.Min(columns, count - row * columns);
            int left = stage.X + (stage.Width - inRow * width - (inRow - 1) * gap) / 2;
            cells[i] = new Area(left + i % columns * (width + gap), top + row * (height + gap), width, height);
        }
        return cells;
    }

    // The largest of 16:9 in the middle.
    private static Area Shape(Area area)
    {
        int width = Math.Min(area.Width, area.Height * 16 / 9), height = width * 9 / 16;
        return new Area(area.X + (area.Width - width) / 2, area.Y + (area.Height - height) / 2, width, height);
    }
}
