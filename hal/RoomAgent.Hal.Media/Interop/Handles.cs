using System.Runtime.InteropServices;

namespace RoomAgent.Hal.Media.Interop;

/// <summary>Owns one object of the shim.</summary>
internal abstract class MediaHandle() : SafeHandle(0, ownsHandle: true)
{
    public override bool IsInvalid => handle == 0;

    protected sealed override bool ReleaseHandle()
    {
        Free(handle);
        return true;
    }

    protected abstract void Free(nint owned);
}

internal sealed class PoolHandle : MediaHandle
{
    protected override void Free(nint owned) => RoomagentMedia.ra_pool_free(owned);
}

internal sealed class PacketsHandle : MediaHandle
{
    protected override void Free(nint owned) => RoomagentMedia.ra_packets_free(owned);
}

internal sealed class EncoderHandle : MediaHandle
{
    protected override void Free(nint owned) => RoomagentMedia.ra_encoder_free(owned);
}

internal sealed class DecoderHandle : MediaHandle
{
    protected override void Free(nint owned) => RoomagentMedia.ra_decoder_free(owned);
}

internal sealed class InputHandle : MediaHandle
{
    protected override void Free(nint owned) => RoomagentMedia.ra_input_free(owned);
}

internal sealed class OpusEncoderHandle : MediaHandle
{
    protected override void Free(nint owned) => RoomagentMedia.ra_opus_encoder_free(owned);
}

internal sealed class OpusDecoderHandle : MediaHandle
{
    protected override void Free(nint owned) => RoomagentMedia.ra_opus_decoder_free(owned);
}

internal sealed class SpeakerHandle : MediaHandle
{
    protected override void Free(nint owned) => RoomagentMedia.ra_speaker_free(owned);
}
