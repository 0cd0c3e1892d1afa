namespace RoomAgent.Hal.Media.Drawing.Pages;

/// <summary>Tiles: a picture or initials, a name with the verdict on it, marks.</summary>
internal static class Tiles
{
    /// <summary>A participant or what one shares.</summary>
    public static void Other(Page page, Area box, MeetingTile tile)
    {
        string name = ShownText.CleanName(tile.Name);
        if (name.Length == 0)
            name = page.Words[Word.NoName];
        (Icon badge, Colour colour, Word? word) = tile.Verdict switch
        {
            IdentityVerdict.Verified => (Icon.Verified, page.Theme.Good, default(Word?)),
            IdentityVerdict.Vouched => (Icon.Vouched, page.Theme.Accent, null),
            IdentityVerdict.Expired => (Icon.Expired, page.Theme.Care, Word.Expired),
            IdentityVerdict.Revoked => (Icon.Revoked, page.Theme.Danger, Word.Revoked),
            _ => (Icon.Unverified, page.Theme.Care, Word.Unverified),
        };
        string words = tile.IsContent ? page.Words.Format(Word.Sharing, name) : name;
        var label = new TileLabel(page, box, words, (badge, colour), word is { } verdict ? page.Words[verdict] : "", tile.IsNotConfirmed ? page.Words[Word.NotConfirmed] : "",
            tile.IsMuted && !tile.IsContent, tile.IsCameraOff && !tile.IsContent);
        Body(page, box, label.Top, tile.Id, tile.IsCameraOff, tile.IsContent, tile.IsContent ? Icon.Share : Icon.Person, tile.IsContent ? "" : ShownText.InitialsOf(name));
        Frame(page, box, tile.IsSpeaking);
        label.Compose();
    }

    /// <summary>The room itself.</summary>
    public static void Own(Page page, Area box, TileId id, bool isCameraOff, bool isMuted)
    {
        var label = new TileLabel(page, box, page.Words[Word.ThisRoom], null, "", "", isMuted, isCameraOff);
        Body(page, box, label.Top, id, isCameraOff, isContent: false, Icon.Camera, "");
        Frame(page, box, isSpeaking: false);
        label.Compose();
    }

    /// <summary>Those for whom there is no room.</summary>
    public static void More(Page page, Area box, int count)
    {
        page.Fill(box, page.Theme.Surface, Radius(page));
        Frame(page, box, isSpeaking: false);
        page.Text(box.Inset(page.Px(0.01)), $"+{count}", page.Style(TypeScale.Title, isBold: true, Align.Centre), page.Theme.Quiet, 0.5);
    }

    private static int Radius(Page page) => page.Px(0.014);

    // What is seen until a picture comes, in the middle of what the label leaves free; and the picture.
    private static void Body(Page page, Area box, int labelTop, TileId id, bool isCameraOff, bool isContent, Icon icon, string initials)
    {
        page.Fill(box, page.Theme.Surface, Radius(page));
        int free = labelTop - box.Y, disc = Math.Max(1, Math.Min(box.Height * 44 / 100, free * 80 / 100));
        var middle = new Area(box.X + (box.Width - disc) / 2, box.Y + (free - disc) / 2, disc, disc);
        page.Fill(middle, page.IsOutlined ? page.Theme.Ground : page.Theme.Line, disc / 2);
        if (page.IsOutlined)
            page.Outline(middle, page.Theme.Line, disc / 2, page.Px(0.003));
        if (initials.Length > 0)
            page.Text(middle, initials, page.Style((double)disc / page.Px(1) * 0.42, isBold: true, Align.Centre, smallest: (double)disc / page.Px(1) * 0.2), page.Theme.Text, 0.5);
        else
            page.Sign(middle, disc * 55 / 100, icon, page.Theme.Text, page.IsOutlined ? page.Theme.Ground : page.Theme.Line);
        if (!isCameraOff)
            page.Picture(box, id, isContent, Radius(page));
    }

    private static void Frame(Page page, Area box, bool isSpeaking)
    {
        if (isSpeaking)
            page.Outline(box, page.Theme.Accent, Radius(page), page.Px(page.IsOutlined ? 0.008 : 0.005));
        else if (page.IsOutlined)
            page.Outline(box, page.Theme.Line, Radius(page), page.Px(0.002));
    }
}
