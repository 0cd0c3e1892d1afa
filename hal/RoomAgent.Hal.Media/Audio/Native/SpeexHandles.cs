using System.Runtime.InteropServices;

namespace RoomAgent.Hal.Media.Audio.Native;

/// <summary>Owns one SpeexEchoState.</summary>
internal sealed class EchoStateHandle() : SafeHandle(0, ownsHandle: true)
{
    public override bool IsInvalid => handle == 0;

    protected override bool ReleaseHandle()
    {
        Speexdsp.speex_echo_state_destroy(handle);
        return true;
    }
}

/// <summary>Owns one SpeexPreprocessState, and keeps the SpeexEchoState alive that it looks into.</summary>
internal sealed class PreprocessStateHandle() : SafeHandle(0, ownsHandle: true)
{
    private EchoStateHandle? _echo;

    public override bool IsInvalid => handle == 0;

    /// <summary>From now on the echo's state is not freed before this one.</summary>
    public void Keep(EchoStateHandle echo)
    {
        bool added = false;
        echo.DangerousAddRef(ref added);
        _echo?.DangerousRelease();
        _echo = echo;
    }

    protected override bool ReleaseHandle()
    {
        Speexdsp.speex_preprocess_state_destroy(handle);
        _echo?.DangerousRelease();
        return true;
    }
}
