namespace RoomAgent.Hal.Media.Drawing;

/// <summary>Arithmetic of areas.</summary>
internal static class Areas
{
    public static int Right(this Area area) => area.X + area.Width;

    public static int Bottom(this Area area) => area.Y + area.Height;

    public static bool IsEmpty(this Area area) => area.Width <= 0 || area.Height <= 0;

    /// <summary>What both have; its width or height is 0 when that is nothing.</summary>
    public static Area Intersect(this Area one, Area two)
    {
        int x = Math.Max(one.X, two.X), y = Math.Max(one.Y, two.Y);
        return new Area(x, y, Math.Max(0, Math.Min(one.Right(), two.Right()) - x), Math.Max(0, Math.Min(one.Bottom(), two.Bottom()) - y));
    }

    public static bool Touches(this Area one, Area two) => !one.Intersect(two).IsEmpty();

    public static bool Contains(this Area outer, Area inner) =>
        inner.X >= outer.X && inner.Y >= outer.Y && inner.Right() <= outer.Right() && inner.Bottom() <= outer.Bottom();

    /// <summary>The smallest that holds both.</summary>
    public static Area Union(this Area one, Area two)
    {
        int x = Math.Min(one.X, two.X), y = Math.Min(one.Y, two.Y);
        return new Area(x, y, Math.Max(one.Right(), two.Right()) - x, Math.Max(one.Bottom(), two.Bottom()) - y);
    }

    /// <summary>What remains inside of an edge of so many pixels.</summary>
    public static Area Inset(this Area area, int across, int down) =>
        new(area.X + across, area.Y + down, Math.Max(0, area.Width - 2 * across), Math.Max(0, area.Height - 2 * down));

    public static Area Inset(this Area area, int edge) => area.Inset(edge, edge);
}
