// <speex/speex_preprocess.h>

using System.Runtime.InteropServices;

namespace RoomAgent.Hal.Media.Audio.Native;

internal static unsafe partial class Speexdsp
{
    public const int SPEEX_PREPROCESS_SET_NOISE_SUPPRESS = 18;
    public const int SPEEX_PREPROCESS_SET_ECHO_SUPPRESS = 20;
    public const int SPEEX_PREPROCESS_SET_ECHO_SUPPRESS_ACTIVE = 22;
    public const int SPEEX_PREPROCESS_SET_ECHO_STATE = 24;

    [LibraryImport(Library)]
    public static partial PreprocessStateHandle speex_preprocess_state_init(int frame_size, int sampling_rate);

    [LibraryImport(Library)]
    public static partial void speex_preprocess_state_destroy(nint st);

    [LibraryImport(Library)]
    public static partial int speex_preprocess_run(PreprocessStateHandle st, short* x);

    [LibraryImport(Library)]
    public static partial int speex_preprocess_ctl(PreprocessStateHandle st, int request, void* ptr);
}
