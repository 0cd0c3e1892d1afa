// <roomagent_media.h>

using System.Runtime.InteropServices;

namespace RoomAgent.Hal.Media.Interop;

/// <summary>A dictionary of the shim's header, under its own names. What the functions mean stands there.</summary>
internal static unsafe partial class RoomagentMedia
{
    public const string Library = "libroomagent-media";

    public const uint RA_VERSION = 2;

    public const uint RA_PICTURE_CONCEALED = 1;

    public enum ra_result
    {
        RA_DONE,
        RA_NOTHING,
        RA_ENDED,
        RA_REFUSED,
        RA_UNSUPPORTED,
        RA_GONE,
        RA_FAILED,
        RA_EXHAUSTED,
    }

    [StructLayout(LayoutKind.Sequential)]
    public struct ra_view
    {
        public byte* luma;
        public byte* cb;
        public byte* cr;
        public int luma_stride;
        public int chroma_stride;
        public int width;
        public int height;
        public long captured_at;
        public uint flags;
        public int slot;
    }

    [StructLayout(LayoutKind.Sequential)]
    public struct ra_encoder_setup
    {
        public byte* name;
        public byte* options;
        public int surface;
        public int width;
        public int height;
        public int frame_rate;
        public int bit_rate;
        public int threads;
    }

    [StructLayout(LayoutKind.Sequential)]
    public struct ra_packet
    {
        public byte* data;
        public int length;
        public int is_key;
        public long captured_at;
        public int slot;
    }

    [StructLayout(LayoutKind.Sequential)]
    public struct ra_input_setup
    {
        public byte* format;
        public byte* address;
        public byte* options;
        public long patience;
        public int medium;
        public int is_looped;
        public int is_paced;
    }

    [StructLayout(LayoutKind.Sequential)]
    public struct ra_input_info
    {
        public int width;
        public int height;
        public int frame_rate;
        public int channels;
    }

    [StructLayout(LayoutKind.Sequential)]
    public struct ra_camera_format
    {
        public uint pixel_format;
        public int width;
        public int height;
        public int frame_rate;
    }

    [StructLayout(LayoutKind.Sequential)]
    public struct ra_camera_control
    {
        public uint id;
        public int least;
        public int most;
        public int step;
        public int usual;
        public int value;
        public fixed byte name[32];
    }

    [LibraryImport(Library)]
    public static partial uint ra_version();

    [LibraryImport(Library)]
    public static partial byte* ra_libraries();

    [LibraryImport(Library)]
    public static partial byte* ra_problem();

    [LibraryImport(Library)]
    public static partial void ra_log_to(delegate* unmanaged<int, byte*, void> sink, int level);

    [LibraryImport(Library)]
    public static partial PoolHandle ra_pool_new(int capacity);

    [LibraryImport(Library)]
    public static partial void ra_pool_free(nint pool);

    [LibraryImport(Library)]
    public static partial ra_result ra_picture_new(PoolHandle pool, int width, int height, long captured_at, out nint picture, out ra_view view);

    [LibraryImport(Library)]
    public static partial ra_result ra_picture_make_writable(nint picture, out ra_view view);

    [LibraryImport(Library)]
    public static partial void ra_picture_release(nint picture);

    [LibraryImport(Library)]
    public static partial PacketsHandle ra_packets_new(int capacity);

    [LibraryImport(Library)]
    public static partial void ra_packets_free(nint packets);

    [LibraryImport(Library)]
    public static partial void ra_packet_release(nint packets, int slot);

    [LibraryImport(Library)]
    public static partial ra_result ra_encoder_open(in ra_encoder_setup setup, out EncoderHandle encoder);

    [LibraryImport(Library)]
    public static partial void ra_encoder_free(nint encoder);

    [LibraryImport(Library)]
    public static partial void ra_encoder_set_bit_rate(EncoderHandle encoder, int bits_per_second);

    [LibraryImport(Library)]
    public static partial ra_result ra_encoder_encode(EncoderHandle encoder, in ra_view view, nint picture, int wants_key, PacketsHandle packets, out ra_packet packet);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    public static partial ra_result ra_decoder_open(string name, int threads, PoolHandle pool, out DecoderHandle decoder);

    [LibraryImport(Library)]
    public static partial void ra_decoder_free(nint decoder);

    [LibraryImport(Library)]
    public static partial ra_result ra_decoder_decode(DecoderHandle decoder, byte* data, int length, long captured_at, out nint picture, out ra_view view);

    [LibraryImport(Library)]
    public static partial ra_result ra_input_open(in ra_input_setup setup, out InputHandle input, out ra_input_info info);

    [LibraryImport(Library)]
    public static partial void ra_input_free(nint input);

    [LibraryImport(Library)]
    public static partial ra_result ra_input_read_picture(InputHandle input, long patience, PoolHandle pool, out nint picture, out ra_view view);

    [LibraryImport(Library)]
    public static partial ra_result ra_input_read_sound(InputHandle input, long patience, short* samples, int count, out long captured_at);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    public static partial ra_result ra_camera_formats(string device, ra_camera_format* formats, int capacity, out int count);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    public static partial ra_result ra_camera_controls(string device, ra_camera_control* controls, int capacity, out int count);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    public static partial ra_result ra_camera_set_control(string device, uint id, int value);

    [LibraryImport(Library)]
    public static partial ra_result ra_opus_encoder_open(int channels, out OpusEncoderHandle encoder);

    [LibraryImport(Library)]
    public static partial void ra_opus_encoder_free(nint encoder);

    [LibraryImport(Library)]
    public static partial ra_result ra_opus_encoder_set(OpusEncoderHandle encoder, int bit_rate, int is_music, int loss_percent);

    [LibraryImport(Library)]
    public static partial ra_result ra_opus_encode(OpusEncoderHandle encoder, short* samples, int count, byte* packet, int room, out int length);

    [LibraryImport(Library)]
    public static partial ra_result ra_opus_decoder_open(out OpusDecoderHandle decoder);

    [LibraryImport(Library)]
    public static partial void ra_opus_decoder_free(nint decoder);

    [LibraryImport(Library)]
    public static partial ra_result ra_opus_decode(OpusDecoderHandle decoder, byte* packet, int length, int is_recovery, short* samples, int count, out int made);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    public static partial ra_result ra_speaker_open(string device, int channels, long latency, out SpeakerHandle speaker);

    [LibraryImport(Library)]
    public static partial void ra_speaker_free(nint speaker);

    [LibraryImport(Library)]
    public static partial ra_result ra_speaker_write(SpeakerHandle speaker, short* samples, int count, long patience);

    [LibraryImport(Library)]
    public static partial long ra_speaker_latency(SpeakerHandle speaker);
}
