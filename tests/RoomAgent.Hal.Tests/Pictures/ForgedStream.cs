namespace RoomAgent.Hal.Tests.Pictures;

/// <summary>Writes what no encoder of ours would: parameter sets of any size, and slices with nothing in them (ITU-T H.264, 7.3).</summary>
internal sealed class ForgedStream
{
    private readonly List<byte> _bytes = [];
    private int _bits;
    private int _current;

    public byte[] Written => [.. _bytes];

    /// <summary>SPS 0 and PPS 0 for pictures of so many macroblocks (7.3.2.1.1, 7.3.2.2).</summary>
    public ForgedStream Parameters(int widthInBlocks, int heightInBlocks, int references = 1, int chromaFormat = 1, int bitDepth = 8)
    {
        bool isHigh = chromaFormat != 1 || bitDepth != 8;
        Begin(0x67);
        Bits(isHigh ? 244 : 66, 8); // profile_idc: high 4:4:4 predictive, or baseline
        Bits(0, 8);                 // constraint flags
        Bits(52, 8);                // level_idc
        Golomb(0);                  // seq_parameter_set_id
        if (isHigh)
        {
            Golomb(chromaFormat);
            if (chromaFormat == 3)
                Bits(0, 1); // separate_colour_plane_flag
            Golomb(bitDepth - 8);
            Golomb(bitDepth - 8);
            Bits(0, 2); // bypass, scaling matrices
        }

        Golomb(4); // log2_max_frame_num_minus4
        Golomb(2); // pic_order_cnt_type
        Golomb(references);
        Bits(0, 1); // gaps_in_frame_num_value_allowed_flag
        Golomb(widthInBlocks - 1);
        Golomb(heightInBlocks - 1);
        Bits(1, 1); // frame_mbs_only_flag
        Bits(1, 1); // direct_8x8_inference_flag
        Bits(0, 2); // no cropping, no VUI
        End();

        Begin(0x68);
        Golomb(0);
        Golomb(0);
        Bits(0, 2); // CAVLC, no order in fields
        Golomb(0);  // one slice group
        Golomb(0);
        Golomb(0);
        Bits(0, 3); // no weights
        Golomb(0);
        Golomb(0);
        Golomb(0);
        Bits(0, 3); // no deblocking control, no constrained intra, no redundant pictures
        End();
        return this;
    }

    /// <summary>A slice that begins a picture (7.3.3), with <paramref name="payload"/> for macroblocks.</summary>
    public ForgedStream Slice(int frameNumber, bool isIdr, ReadOnlySpan<byte> payload = default)
    {
        Begin(isIdr ? (byte)0x65 : (byte)0x61);
        Golomb(0);                  // first_mb_in_slice
        Golomb(isIdr ? 7 : 5);      // slice_type: I or P, all of them
        Golomb(0);                  // pic_parameter_set_id
        Bits(frameNumber & 0xff, 8);
        if (isIdr)
        {
            Golomb(0); // idr_pic_id
            Bits(0, 2);
        }
        else
        {
            Bits(0, 3); // no override, no reordering, sliding window
        }

        Golomb(0); // slice_qp_delta
        foreach (byte value in payload)
            Bits(value, 8);
        End();
        return this;
    }

    private void Begin(byte header) => _bytes.AddRange([0, 0, 0, 1, header]);

    private void Bits(int value, int count)
    {
        for (int i = count - 1; i >= 0; i--)
        {
            _current = (_current << 1) | ((value >> i) & 1);
            if (++_bits == 8)
            {
                // 7.4.1.1: 00 00 0x becomes 00 00 03 0x
                if (_current <= 3 && _bytes[^1] == 0 && _bytes[^2] == 0)
                    _bytes.Add(3);
                _bytes.Add((byte)_current);
                (_bits, _current) = (0, 0);
            }
        }
    }

    private void Golomb(int value)
    {
        int length = 32 - System.Numerics.BitOperations.LeadingZeroCount((uint)value + 1);
        Bits(0, length - 1);
        Bits(value + 1, length);
    }

    private void End()
    {
        Bits(1, 1);
        while (_bits != 0)
            Bits(0, 1);
    }
}
