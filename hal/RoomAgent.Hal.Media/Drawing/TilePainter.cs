using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace RoomAgent.Hal.Media.Drawing;

/// <summary>
/// Paints the pictures of one tile: scales them to the tile's size and makes BGRX of them, in one pass and inside a clip. Nothing is allocated
/// unless the size of pictures or tile has changed.
/// </summary>
/// <remarks>
/// <para>
/// Rows are halved, by averages, as long as the picture has more than twice the tile's pixels, then blended between two rows and two columns.
/// Per row of the tile: 1. blend two rows of the picture; 2. take from it two neighbours for each of eight pixels by one shuffle, and blend them;
/// 3. the same with half as many of each colour; 4. BT.709, limited range, in 16-bit arithmetic; 5. write 16 pixels.
/// </para>
/// <para>
/// It is our own and not libswscale because that scales whole pictures only: a label that changes over a picture would cost the picture, and a picture
/// in a picture both. The benchmarks hold the two beside each other.
/// </para>
/// </remarks>
internal sealed unsafe class TilePainter
{
    private const int Group = 16;

    // Weights are parts of 64: a product with a byte and the sum of two such fit 16 bits, with a sign.
    private const int One = 64;

    private readonly Plane _luma = new();
    private readonly Plane _cb = new();
    private readonly Plane _cr = new();
    private (int Width, int Height, int TileWidth, int TileHeight, bool IsWhole) _fitted;
    private Area _picture;
    private double _sourceX;
    private double _sourceY;
    private double _perPixelX;
    private double _perPixelY;
    private int _halvings;

    /// <summary>Paints a picture over a tile: it fills the tile, with its edges cut off, unless that would lose much or nothing may be lost; then the rest is black.</summary>
    /// <param name="picture">The picture.</param>
    /// <param name="tile">The tile, all of it inside of the pixels.</param>
    /// <param name="isWhole">Whether nothing may be cut off.</param>
    /// <param name="clip">Pixels outside stay as they are.</param>
    /// <param name="pixels">The first pixel of all.</param>
    /// <param name="stride">Bytes from a row to the next.</param>
    public void Paint(VideoFrame picture, Area tile, bool isWhole, Area clip, byte* pixels, int stride)
    {
        Fit(picture.Width, picture.Height, tile.Width, tile.Height, isWhole);
        clip = clip.Intersect(tile);
        if (clip.IsEmpty())
            return;
        var target = new Area(tile.X + _picture.X, tile.Y + _picture.Y, _picture.Width, _picture.Height);
        Area visible = clip.Intersect(target);
        if (!target.Contains(clip))
            Blacken(clip, visible, pixels, stride);
        if (visible.IsEmpty())
            return;

        fixed (byte* luma = picture.Luma, cb = picture.Cb, cr = picture.Cr)
        {
            _luma.Take(luma, picture.LumaStride);
            _cb.Take(cb, picture.ChromaStride);
            _cr.Take(cr, picture.ChromaStride);
            for (int y = visible.Y; y < visible.Bottom(); y++)
                PaintRow(y - target.Y, visible.X - target.X, visible.Right() - target.X, (uint*)(pixels + (long)y * stride) + target.X);
        }
    }

    private static void Blacken(Area clip, Area except, byte* pixels, int stride)
    {
        for (int y = clip.Y; y < clip.Bottom(); y++)
        {
            var row = new Span<uint>(pixels + (long)y * stride + clip.X * 4L, clip.Width);
            if (except.IsEmpty() || y < except.Y || y >= except.Bottom())
            {
                row.Fill(Black);
                continue;
            }
            row[..(except.X - clip.X)].Fill(Black);
            row[(except.Right() - clip.X)..].Fill(Black);
        }
    }

    private const uint Black = 0xFF000000;

    // A row of the tile's picture, from one column to before another.
    private void PaintRow(int y, int from, int to, uint* row)
    {
        double inLuma = _sourceY + (y + 0.5) * _perPixelY - 0.5;
        double inChroma = (_sourceY + ((y | 1) + 0.0) * _perPixelY) / 2 - 0.5;
        byte* luma = _luma.Blend(inLuma);
        byte* cb = _cb.Blend(inChroma);
        byte* cr = _cr.Blend(inChroma);
        Columns lumaColumns = _luma.Columns, cbColumns = _cb.Columns, crColumns = _cr.Columns;
        uint* edge = stackalloc uint[Group];

        for (int x = from / Group * Group; x < to; x += Group)
        {
            bool isInside = x >= from && x + Group <= to;
            uint* pixels = isInside ? row + x : edge;
            Vector128<short> blue = Centre(cbColumns.Pick(cb, x / Group)), red = Centre(crColumns.Pick(cr, x / Group));
            Convert(lumaColumns.Pick(luma, x / 8), Vector128.Shuffle(blue, TwiceLower), Vector128.Shuffle(red, TwiceLower), pixels);
            Convert(lumaColumns.Pick(luma, x / 8 + 1), Vector128.Shuffle(blue, TwiceUpper), Vector128.Shuffle(red, TwiceUpper), pixels + 8);
            if (isInside)
                continue;
            for (int i = Math.Max(from - x, 0); i < Math.Min(to - x, Group); i++)
                row[x + i] = edge[i];
        }
    }

    // From 0 to 255 times 64, to -128 to 127.
    private static Vector128<short> Centre(Vector128<ushort> colour) => ((colour.AsInt16() + Vector128.Create((short)(One / 2))) >> 6) - Vector128.Create((short)128);

    private static Vector128<short> TwiceLower => Vector128.Create((short)0, 0, 1, 1, 2, 2, 3, 3);

    private static Vector128<short> TwiceUpper => Vector128.Create((short)4, 4, 5, 5, 6, 6, 7, 7);

    // Eight pixels. Brightness comes times 64, colours as they are, from -128 to 127. BT.709 in limited range:
    // R = 1.164 Y + 1.793 Cr,  G = 1.164 Y - 0.213 Cb - 0.533 Cr,  B = 1.164 Y + 2.112 Cb; and 1.164 is 1 + 1/8 + 1/32 + 1/128.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Convert(Vector128<ushort> brightness, Vector128<short> cb, Vector128<short> cr, uint* pixels)
    {
        Vector128<short> y = brightness.AsInt16() - Vector128.Create((short)(16 * One));
        y += (y >> 3) + (y >> 5) + (y >> 7) + Vector128.Create((short)(One / 2));
        Vector128<ushort> red = ToByte(Vector128.AddSaturate(y, cr * Vector128.Create((short)115)));
        Vector128<ushort> green = ToByte(y - cb * Vector128.Create((short)14) - cr * Vector128.Create((short)34));
        Vector128<ushort> blue = ToByte(Vector128.AddSaturate(y, cb * Vector128.Create((short)135)));

        Vector128<ushort> low = blue | (green << 8);
        Vector128<ushort> high = red | Vector128.Create((ushort)0xFF00);
        (Vector128.WidenLower(low) | (Vector128.WidenLower(high) << 16)).Store(pixels);
        (Vector128.WidenUpper(low) | (Vector128.WidenUpper(high) << 16)).Store(pixels + 4);
    }

    private static Vector128<ushort> ToByte(Vector128<short> times64) =>
        Vector128.Min(Vector128.Max(times64 >> 6, Vector128<short>.Zero), Vector128.Create((short)255)).AsUInt16();

    // Chooses which part of the picture goes where, and prepares the columns.
    private void Fit(int width, int height, int tileWidth, int tileHeight, bool isWhole)
    {
        if (_fitted == (width, height, tileWidth, tileHeight, isWhole))
            return;
        _fitted = (width, height, tileWidth, tileHeight, isWhole);

        double across = (double)tileWidth / width, down = (double)tileHeight / height;
        bool fills = !isWhole && Math.Min(across, down) / Math.Max(across, down) >= LeastKept;
        double scale = fills ? Math.Max(across, down) : Math.Min(across, down);
        int pictureWidth = Math.Clamp((int)Math.Round(width * scale), 1, tileWidth);
        int pictureHeight = Math.Clamp((int)Math.Round(height * scale), 1, tileHeight);
        _picture = new Area((tileWidth - pictureWidth) / 2, (tileHeight - pictureHeight) / 2, pictureWidth, pictureHeight);

        double sourceWidth = Math.Min(pictureWidth / scale, width), sourceHeight = Math.Min(pictureHeight / scale, height);
        _sourceX = (width - sourceWidth) / 2;
        _sourceY = (height - sourceHeight) / 2;
        _perPixelX = sourceWidth / pictureWidth;
        _perPixelY = sourceHeight / pictureHeight;

        // Colours have half as many columns for half as many pixels, so one number of halvings is right for all.
        _halvings = 0;
        while (Math.Max(_perPixelX, _perPixelY) >= 2 << _halvings && Math.Min(width, height) / 2 >> _halvings >= 4)
            _halvings++;

        int groups = (pictureWidth + Group - 1) / Group;
        // H.264 has colours where every second column of brightness is (chroma_sample_loc_type 0).
        _luma.Fit(width, height, _halvings, groups * 2, x => _sourceX + (x + 0.5) * _perPixelX - 0.5);
        _cb.Fit(width / 2, height / 2, _halvings, groups, x => (_sourceX + (2 * x + 1) * _perPixelX - 0.5) / 2);
        _cr.Fit(width / 2, height / 2, _halvings, groups, x => (_sourceX + (2 * x + 1) * _perPixelX - 0.5) / 2);
    }

    // What may be cut off is a quarter of the picture.
    private const double LeastKept = 0.75;

    /// <summary>Takes pixels out of a blended row, eight at a time.</summary>
    private readonly struct Columns(int* firsts, byte* shuffles, ushort* weights)
    {
        /// <summary>Eight pixels of a row, each blended of two neighbours, times 64.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public Vector128<ushort> Pick(byte* row, int group)
        {
            Vector128<ushort> pairs = Vector128.ShuffleNative(Vector128.Load(row + firsts[group]), Vector128.Load(shuffles + group * 16)).AsUInt16();
            ushort* both = weights + group * 16;
            return (pairs & Vector128.Create((ushort)0xFF)) * Vector128.Load(both) + (pairs >> 8) * Vector128.Load(both + 8);
        }
    }

    /// <summary>One plane of the picture: its rows halved and blended, and the neighbours of each eight pixels.</summary>
    private sealed class Plane
    {
        // Two rows for each halving (what the next is made of) and the two that are blended, then the blended one.
        private readonly List<byte[]> _rows = [];
        private readonly int[] _rowNumbers = [-1, -1];
        private byte* _source;
        private int _stride;
        private int _width;
        private int _height;
        private int _halvings;
        private byte[] _blended = [];

        // For each eight pixels: where in the row their neighbours begin, which of the 16 bytes from there each wants, and the weights of these.
        private int[] _firsts = [];
        private byte[] _shuffles = [];
        private ushort[] _weights = [];
        private int _blendedWeight = -1;
        private int _blendedRow = -1;

        public void Fit(int width, int height, int halvings, int groups, Func<int, double> column)
        {
            (_width, _height, _halvings) = (width, height, halvings);
            _rows.Clear();
            for (int i = 0; i < 2 * Math.Max(halvings, 1); i++)
                _rows.Add(GC.AllocateArray<byte>(width + Padding, pinned: true));
            _blended = GC.AllocateArray<byte>(width + Padding, pinned: true);
            _firsts = GC.AllocateArray<int>(groups, pinned: true);
            _shuffles = GC.AllocateArray<byte>(groups * 16, pinned: true);
            _weights = GC.AllocateArray<ushort>(groups * 16, pinned: true);

            int last = (width >> halvings) - 1;
            for (int group = 0; group < groups; group++)
            {
                for (int i = 0; i < 8; i++)
                {
                    (int index, int weight) = Place((column(group * 8 + i) + 0.5) / (1 << halvings) - 0.5, last);
                    if (i == 0)
                        _firsts[group] = index;
                    int offset = index - _firsts[group];
                    _shuffles[group * 16 + 2 * i] = (byte)Math.Min(offset, 15);
                    _shuffles[group * 16 + 2 * i + 1] = (byte)Math.Min(offset + 1, 15);
                    _weights[group * 16 + i] = (ushort)(One - weight);
                    _weights[group * 16 + 8 + i] = (ushort)weight;
                }
            }
        }

        public void Take(byte* source, int stride)
        {
            _source = source;
            _stride = stride;
            _rowNumbers[0] = _rowNumbers[1] = _blendedRow = -1;
        }

        /// <summary>The row at a height of the picture, halved and blended.</summary>
        public byte* Blend(double y)
        {
            (int index, int weight) = Place((y + 0.5) / (1 << _halvings) - 0.5, (_height >> _halvings) - 1);
            byte* blended = Pointer(_blended);
            if (index == _blendedRow && weight == _blendedWeight)
                return blended;
            (_blendedRow, _blendedWeight) = (index, weight);

            byte* upper = Row(index), lower = weight == 0 ? upper : Row(index + 1);
            int width = _width >> _halvings;
            Vector128<ushort> up = Vector128.Create((ushort)(One - weight)), low = Vector128.Create((ushort)weight), half = Vector128.Create((ushort)(One / 2));
            int x = 0;
            for (; x <= width - 16; x += 16)
            {
                Vector128<byte> one = Vector128.Load(upper + x), two = Vector128.Load(lower + x);
                Vector128<ushort> left = (Vector128.WidenLower(one) * up + Vector128.WidenLower(two) * low + half) >> 6;
                Vector128<ushort> right = (Vector128.WidenUpper(one) * up + Vector128.WidenUpper(two) * low + half) >> 6;
                Vector128.Narrow(left, right).Store(blended + x);
            }
            for (; x < width; x++)
                blended[x] = (byte)((upper[x] * (One - weight) + lower[x] * weight + One / 2) >> 6);
            return blended;
        }

        /// <summary>What takes pixels out of its rows, good until the next <see cref="Fit"/>.</summary>
        public Columns Columns => new(Pointer(_firsts), Pointer(_shuffles), Pointer(_weights));

        // One of the two rows that are kept, or a new one in place of the other.
        private byte* Row(int number)
        {
            if (_halvings == 0)
                return _source + (long)number * _stride;
            int place = number & 1;
            byte* row = Pointer(_rows[2 * (_halvings - 1) + place]);
            if (_rowNumbers[place] != number)
                Halve(number, _halvings, row);
            _rowNumbers[place] = number;
            return row;
        }

        // A row of the picture after so many halvings: the average of two rows and two columns of the one before.
        private void Halve(int number, int halvings, byte* result)
        {
            byte* upper = _source + 2L * number * _stride, lower = upper + _stride;
            if (halvings > 1)
            {
                upper = Pointer(_rows[2 * (halvings - 2)]);
                lower = Pointer(_rows[2 * (halvings - 2) + 1]);
                Halve(2 * number, halvings - 1, upper);
                Halve(2 * number + 1, halvings - 1, lower);
            }

            int width = _width >> halvings, x = 0;
            for (; x <= width - 16; x += 16)
                Vector128.Narrow(Average(upper + 2 * x, lower + 2 * x), Average(upper + 2 * x + 16, lower + 2 * x + 16)).Store(result + x);
            for (; x < width; x++)
                result[x] = (byte)((upper[2 * x] + upper[2 * x + 1] + lower[2 * x] + lower[2 * x + 1] + 2) >> 2);
        }

        private static Vector128<ushort> Average(byte* upper, byte* lower)
        {
            Vector128<ushort> one = Vector128.Load(upper).AsUInt16(), two = Vector128.Load(lower).AsUInt16(), left = Vector128.Create((ushort)0xFF);
            return ((one & left) + (one >> 8) + (two & left) + (two >> 8) + Vector128.Create((ushort)2)) >> 2;
        }

        // The neighbour before a place, such that there is one behind it too, and the weight of that one.
        private static (int Index, int Weight) Place(double at, int last)
        {
            int times64 = (int)Math.Round(Math.Clamp(at, 0, last) * One);
            int index = Math.Min(times64 / One, last - 1);
            return (index, times64 - index * One);
        }

        private static T* Pointer<T>(T[] pinned) where T : unmanaged => (T*)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(pinned));

        private const int Padding = 48;
    }
}
