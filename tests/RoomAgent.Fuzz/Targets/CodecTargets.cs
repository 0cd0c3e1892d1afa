using RoomAgent.Hal;
using RoomAgent.Hal.Media;
using RoomAgent.Wire;

namespace RoomAgent.Fuzz.Targets;

/// <summary>What decoders make of what a member of the meeting sends. The input is access units or packets, &lt;V&gt; each; the seeds are made by our own encoders.</summary>
internal static class CodecTargets
{
    private const int MostUnits = 16;

    private static readonly DecoderChoice[] s_software = [new("h264", IsHardware: false)];
    private static readonly short[] s_samples = new short[5_760];

    /// <summary>H.264 in Annex B form. Each picture that comes out is as large as it says.</summary>
    public static FuzzTarget H264 { get; } = new("h264", input =>
    {
        using H264Decoder decoder = H264Decoder.TryOpen(s_software, out string problem, pictures: 2) ?? throw new InvalidOperationException(problem);
        var reader = new WireReader(input);
        for (int i = 0; i < MostUnits && !reader.AtEnd && !reader.Failed; i++)
        {
            if (decoder.Decode(reader.ReadVector(), TimeSpan.FromMilliseconds(i), out VideoFrame? picture) != DeviceOutcome.Done)
                continue;

            using (picture)
            {
                bool isWhole = picture!.Width is >= 16 and <= 4_096 && picture.Height is >= 16 and <= 4_096
                    && picture.Luma.Length == (picture.LumaStride * (picture.Height - 1)) + picture.Width && picture.Cr.Length == (picture.ChromaStride * ((picture.Height / 2) - 1)) + (picture.Width / 2);
                if (!isWhole)
                    throw new InvalidOperationException($"A picture of {picture.Width}x{picture.Height} in {picture.Luma.Length} bytes.");

                _ = picture.Luma[^1] + picture.Cb[^1] + picture.Cr[^1];
            }
        }
    }, () => [Film(32, isMain: false), Film(48, isMain: true), Film(64, isMain: false)]);

    /// <summary>Opus. Each packet is decoded, used for the one before it, and followed by one that is lost.</summary>
    public static FuzzTarget Opus { get; } = new("opus", input =>
    {
        using IVoiceDecoder decoder = new OpusCodecs().OpenDecoder();
        var reader = new WireReader(input);
        for (int i = 0; i < MostUnits && !reader.AtEnd && !reader.Failed; i++)
        {
            ReadOnlySpan<byte> packet = reader.ReadVector();
            decoder.Recover(packet, s_samples.AsSpan(0, 960));
            if (decoder.Decode(packet, s_samples, out int length) == DeviceOutcome.Done && length is < 120 or > 5_760)
                throw new InvalidOperationException($"{length} samples.");

            decoder.Conceal(s_samples.AsSpan(0, 480));
        }
    }, () => [Voice(isMusic: false), Voice(isMusic: true)]);

    private static byte[] Film(int size, bool isMain)
    {
        var encoding = new VideoEncoding(new VideoFormat(size, size, 30), 100_000) { IsMainProfile = isMain };
        using H264Encoder encoder = H264Encoder.TryOpen([.. EncoderChoice.Usual.Where(choice => !choice.IsHardware)], encoding, out string problem) ?? throw new InvalidOperationException(problem);
        using var pool = new PicturePool(1);
        using WireWriter writer = WireWriter.Growing();
        for (int i = 0; i < 6; i++)
        {
            pool.TryTake(size, size, default, out PooledPicture? picture);
            Span<byte> luma = picture!.WritableLuma;
            for (int at = 0; at < luma.Length; at++)
                luma[at] = (byte)(16 + (((at * 7) + (i * 13)) % 200));
            encoder.Encode(picture, wantsKeyFrame: i == 3, out EncodedFrame? frame);
            writer.WriteVector(frame!.Data);
            frame.Dispose();
            picture.Dispose();
        }

        return writer.ToArray();
    }

    private static byte[] Voice(bool isMusic)
    {
        using IVoiceEncoder encoder = new OpusCodecs().OpenEncoder(new VoiceEncoding { IsMusic = isMusic });
        encoder.SetLoss(20);
        byte[] packet = new byte[1_276];
        using WireWriter writer = WireWriter.Growing();
        for (int i = 0; i < 6; i++)
        {
            encoder.Encode([.. Enumerable.Range(i * 960, 960).Select(at => (short)(at * 37 % 9_000))], packet, out int length);
            writer.WriteVector(packet.AsSpan(0, length));
        }

        return writer.ToArray();
    }
}
