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
        Body(page, box, tile.Id, tile.IsCameraOff, tile.IsContent, tile.IsContent ? Icon.Share : Icon.Person, ShownText.InitialsOf(name));
        Frame(page, box, tile.IsSpeaking);

        (Icon badge, Colour colour, Word? word) = tile.Verdict switch
        {
            IdentityVerdict.Verified => (Icon.Verified, page.Theme.Good, default(Word?)),
            IdentityVerdict.Vouched => (Icon.Vouched, page.Theme.Accent, null),
            IdentityVerdict.Expired => (Icon.Expired, page.Theme.Care, Word.Expired),
            IdentityVerdict.Revoked => (Icon.Revoked, page.Theme.Danger, Word.Revoked),
            _ => (Icon.Unverified, page.Theme.Care, Word.Unverified),
        };
        string label = tile.IsContent ? page.Words.Format(Word.Sharing, name) : name;
        Label(page, box, label, (badge, colour), word is { } unsure ? page.Words[unsure] : "", colour, tile.IsMuted && !tile.IsContent, tile.IsCameraOff && !tile.IsContent);
    }

    /// <summary>The room itself.</summary>
    public static void Own(Page page, Area box, TileId id, bool isCameraOff, bool isMuted)
    {
        Body(page, box, id, isCameraOff, isContent: false, Icon.Camera, "");
        Frame(page, box, isSpeaking: false);
        Label(page, box, page.Words[Word.ThisRoom], null, "", page.Theme.Text, isMuted, isCameraOff);
    }

    /// <summary>Those for whom there is no room.</summary>
    public static void More(Page page, Area box, int count)
    {
        page.Fill(box, page.Theme.Surface, Radius(page));
        Frame(page, box, isSpeaking: false);
        page.Text(box.Inset(page.Px(0.01)), $"+{count}", page.Style(TypeScale.Title, isBold: true, Align.Centre), page.Theme.Quiet, 0.5);
    }

    private static int Radius(Page page) => page.Px(0.014);

    // What is seen until a picture comes, and the picture.
    private static void Body(Page page, Area box, TileId id, bool isCameraOff, bool isContent, Icon icon, string initials)
    {
        page.Fill(box, page.Theme.Surface, Radius(page));
        int disc = Math.Min(box.Width, box.Height) * 42 / 100;
        // A little above the middle: the label takes the lower edge.
        var middle = new Area(box.X + (box.Width - disc) / 2, box.Y + (box.Height - disc) * 42 / 100, disc, disc);
        page.Fill(middle, page.IsOutlined ? page.Theme.Ground : page.Theme.Line, disc / 2);
        if (page.IsOutlined)
            page.Outline(middle, page.Theme.Line, disc / 2, page.Px(0.003));
        if (initials.Length > 0 && !isContent)
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

    // badge  name  verdict   muted  camera off. Of all that only the name gives way.
    private static void Label(Page page, Area tile, string name, (Icon Icon, Colour Colour)? badge, string verdict, Colour verdictColour, bool isMuted, bool isCameraOff)
    {
        int edge = page.Px(0.012), pad = page.Px(0.012), sign = page.Px(0.032), height = page.Px(0.05);
        TextStyle style = page.Style(TypeScale.Note, isBold: true), verdictStyle = page.Style(TypeScale.Note);
        Colour cut = page.Theme.Label with { Opacity = 1 };
        int most = tile.Width - 2 * edge;

        int fixedWidth = 2 * pad + (badge is null ? 0 : sign + pad * 2 / 3) + (isMuted ? sign + pad * 2 / 3 : 0) + (isCameraOff ? sign + pad * 2 / 3 : 0);
        int verdictWidth = verdict.Length == 0 ? 0 : page.Measure(verdict, verdictStyle, most).Width + 1;
        // On a very small tile the badge alone has to say it.
        if (most - fixedWidth - verdictWidth - pad < page.Px(0.08))
            verdictWidth = 0;
        int nameRoom = most - fixedWidth - (verdictWidth > 0 ? verdictWidth + pad : 0);
        if (nameRoom <= 0)
            return;
        int nameWidth = Math.Min(page.Measure(name, style, nameRoom).Width + 1, nameRoom);
        int width = fixedWidth + nameWidth + (verdictWidth > 0 ? verdictWidth + pad : 0);

        var pill = new Area(tile.X + edge, tile.Bottom() - edge - height, width, height);
        page.Fill(pill, page.Theme.Label, page.Px(0.012));
        if (page.IsOutlined)
            page.Outline(pill, page.Theme.Line, page.Px(0.012), page.Px(0.002));
        int x = pill.X + pad;
        if (badge is { } seal)
            x = Mark(seal.Icon, seal.Colour, x);
        page.Text(pill with { X = x, Width = nameWidth }, name, style, page.Theme.Text, 0.5);
        x += nameWidth;
        if (verdictWidth > 0)
        {
            page.Text(pill with { X = x + pad, Width = verdictWidth }, verdict, verdictStyle, verdictColour, 0.5);
            x += pad + verdictWidth;
        }
        x += pad * 2 / 3;
        if (isMuted)
            x = Mark(Icon.MicrophoneOff, page.Theme.Danger, x);
        if (isCameraOff)
            Mark(Icon.CameraOff, page.Theme.Text, x);

        int Mark(Icon icon, Colour colour, int left)
        {
            page.Sign(pill with { X = left, Width = sign }, sign, icon, colour, cut);
            return left + sign + pad * 2 / 3;
        }
    }
}
