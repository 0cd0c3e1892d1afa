namespace RoomAgent.Hal.Media.Drawing;

/// <summary>The newest picture of each tile that is on the page, and what paints it.</summary>
internal sealed class TilePictures : IDisposable
{
    private readonly Dictionary<TileId, Slot> _slots = [];

    /// <summary>Takes the tiles that a page has; pictures of all others are given back.</summary>
    public void Keep(IReadOnlySet<TileId> tiles)
    {
        foreach (var (tile, slot) in _slots)
        {
            if (tiles.Contains(tile))
                continue;
            slot.Picture?.Dispose();
            _slots.Remove(tile);
        }
        foreach (TileId tile in tiles)
            _slots.TryAdd(tile, new Slot());
    }

    /// <summary>Takes a picture, and gives the tile's one before back; or the new one, when the page has no such tile or nobody could paint it.</summary>
    public void Take(TileId tile, VideoFrame picture)
    {
        if (!_slots.TryGetValue(tile, out Slot? slot) || !IsSound(picture))
        {
            picture.Dispose();
            return;
        }
        // One that is shown again is still one.
        if (slot.Picture != picture)
            slot.Picture?.Dispose();
        slot.Picture = picture;
        slot.IsNew = true;
    }

    public bool Has(TileId tile) => _slots.TryGetValue(tile, out Slot? slot) && slot.Picture is not null;

    /// <summary>Whether a tile has a picture that was not asked about before.</summary>
    public bool TakeNews(TileId tile)
    {
        if (!_slots.TryGetValue(tile, out Slot? slot) || !slot.IsNew)
            return false;
        slot.IsNew = false;
        return true;
    }

    public unsafe void Paint(PictureItem item, Canvas canvas)
    {
        Slot slot = _slots[item.Tile];
        canvas.Flush();
        slot.Painter.Paint(slot.Picture!, item.Box, item.IsWhole, canvas.Clip, canvas.Pixels, canvas.Stride);
        canvas.Changed();
    }

    public void Dispose()
    {
        foreach (Slot slot in _slots.Values)
            slot.Picture?.Dispose();
        _slots.Clear();
    }

    private static bool IsSound(VideoFrame picture) =>
        new VideoFormat(picture.Width, picture.Height, 1).IsValid
        && picture.LumaStride >= picture.Width && picture.ChromaStride >= picture.Width / 2
        && picture.Luma.Length >= (long)(picture.Height - 1) * picture.LumaStride + picture.Width
        && Math.Min(picture.Cb.Length, picture.Cr.Length) >= (long)(picture.Height / 2 - 1) * picture.ChromaStride + picture.Width / 2;

    private sealed class Slot
    {
        public VideoFrame? Picture { get; set; }

        public bool IsNew { get; set; }

        public TilePainter Painter { get; } = new();
    }
}
