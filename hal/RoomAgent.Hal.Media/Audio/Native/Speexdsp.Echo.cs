// <speex/speex_echo.h>

using System.Runtime.InteropServices;

namespace RoomAgent.Hal.Media.Audio.Native;

internal static unsafe partial class Speexdsp
{
    public const int SPEEX_ECHO_SET_SAMPLING_RATE = 24;

    [LibraryImport(Library)]
    public static partial EchoStateHandle speex_echo_state_init(int frame_size, int filter_length);

    [LibraryImport(Library)]
    public static partial void speex_echo_state_destroy(nint st);

    [LibraryImport(Library)]
    public static partial void speex_echo_cancellation(EchoStateHandle st, short* rec, short* play, short* @out);

    [LibraryImport(Library)]
    public static partial int speex_echo_ctl(EchoStateHandle st, int request, int* ptr);
}
