namespace RoomAgent.Hal.Media.Drawing.Pages;

/// <summary>Who a tile is: badge, name, verdict, muted, camera off, on a ground at the lower left. Of all that only the name gives way.</summary>
internal sealed class TileLabel
{
    private readonly Page _page;
    private readonly string _name;
    private readonly (Icon Icon, Colour Colour)? _badge;
    private readonly string _verdict;
    private readonly Colour _verdictColour;
    private readonly bool _isMuted;
    private readonly bool _isCameraOff;
    private readonly int _pad;
    private readonly int _sign;
    private readonly int _line;
    private readonly int _nameWidth;
    private readonly int _verdictWidth;
    private readonly bool _isBelow;
    private readonly Area _ground;

    public TileLabel(Page page, Area tile, string name, (Icon Icon, Colour Colour)? badge, string verdict, string more, bool isMuted, bool isCameraOff)
    {
        (_page, _name, _badge) = (page, name, badge);
        _pad = page.Px(0.012);
        _sign = page.Px(0.032);
        _line = page.Px(0.05);
        int edge = page.Px(0.012), most = tile.Width - 2 * edge;

        // Both when there is room for both: the badge says the verdict in any case.
        string both = verdict.Length > 0 && more.Length > 0 ? verdict + " · " + more : verdict + more;
        _verdict = page.Measure(both, VerdictStyle, page.Whole.Width).Width < most - 2 * _pad ? both : verdict;
        _verdictColour = verdict.Length > 0 ? badge!.Value.Colour : page.Theme.Care;

        // The room's own marks are below the tiles too: there they need not push its name aside.
        if (badge is null && page.Measure(name, NameStyle, page.Whole.Width).Width > most - 2 * _pad - 2 * (_sign + Gap))
            isMuted = isCameraOff = false;
        (_isMuted, _isCameraOff) = (isMuted, isCameraOff);
        int around = 2 * _pad + ((badge is null ? 0 : 1) + (isMuted ? 1 : 0) + (isCameraOff ? 1 : 0)) * (_sign + Gap);
        int room = Math.Max(1, most - around);
        _nameWidth = page.Measure(name, NameStyle, room).Width + 1;
        _verdictWidth = _verdict.Length == 0 ? 0 : Math.Min(page.Measure(_verdict, VerdictStyle, most - 2 * _pad).Width + 1, most - 2 * _pad);
        // The verdict stands behind the name, or below it when the name would have to give way.
        _isBelow = _verdictWidth > 0 && _nameWidth + _pad + _verdictWidth > room;
        _nameWidth = Math.Min(_nameWidth, room);
        int width = around + _nameWidth + (_verdictWidth > 0 && !_isBelow ? _pad + _verdictWidth : 0);
        if (_isBelow)
            width = Math.Max(width, 2 * _pad + _verdictWidth);
        int height = _line + (_isBelow ? Below : 0);
        _ground = new Area(tile.X + edge, tile.Bottom() - edge - height, width, height);
    }

    /// <summary>Where it begins.</summary>
    public int Top => _ground.Y;

    private int Gap => _pad * 2 / 3;

    private int Below => _page.Px(0.042);

    private TextStyle NameStyle => _page.Style(TypeScale.Note, isBold: true);

    private TextStyle VerdictStyle => _page.Style(TypeScale.Note);

    public void Compose()
    {
        _page.Fill(_ground, _page.Theme.Label, _page.Px(0.012));
        if (_page.IsOutlined)
            _page.Outline(_ground, _page.Theme.Line, _page.Px(0.012), _page.Px(0.002));
        if (_isBelow)
            _page.Text(new Area(_ground.X + _pad, _ground.Y + _line - _page.Px(0.006), _verdictWidth, Below), _verdict, VerdictStyle, _verdictColour, 0.5);

        Area row = _ground with { Height = _line };
        int x = row.X + _pad;
        if (_badge is { } badge)
            x = Mark(row, x, badge.Icon, badge.Colour);
        _page.Text(row with { X = x, Width = _nameWidth }, _name, NameStyle, _page.Theme.Text, 0.5);
        x += _nameWidth;
        if (_verdictWidth > 0 && !_isBelow)
        {
            _page.Text(row with { X = x + _pad, Width = _verdictWidth }, _verdict, VerdictStyle, _verdictColour, 0.5);
            x += _pad + _verdictWidth;
        }
        x += Gap;
        if (_isMuted)
            x = Mark(row, x, Icon.MicrophoneOff, _page.Theme.Danger);
        if (_isCameraOff)
            Mark(row, x, Icon.CameraOff, _page.Theme.Text);
    }

    // Returns where the next one begins.
    private int Mark(Area row, int x, Icon icon, Colour colour)
    {
        _page.Sign(row with { X = x, Width = _sign }, _sign, icon, colour, _page.Theme.Label with { Opacity = 1 });
        return x + _sign + Gap;
    }
}
