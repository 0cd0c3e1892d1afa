using RoomAgent.Hal.Media.Audio;

namespace RoomAgent.Audio.Tests.Simulated;

/// <summary>Sound from afar as the microphones of an array hear it, with noise of their own.</summary>
internal static class PlaneWaves
{
    private const double SpeedOfSound = 343;

    /// <summary>Interleaved samples of all microphones.</summary>
    /// <param name="positions">In metres.</param>
    /// <param name="sources">What comes from which direction, in degrees.</param>
    /// <param name="noise">The level of each microphone's own noise in dB below overload.</param>
    /// <param name="seed">Of the noise.</param>
    public static short[] Hear(IReadOnlyList<MicrophonePosition> positions, (float[] Sound, double Degrees)[] sources, double noise, int seed)
    {
        int length = sources[0].Sound.Length / 480 * 480;
        short[] interleaved = new short[length * positions.Count];
        for (int i = 0; i < positions.Count; i++)
        {
            float[] channel = Signals.Noise(length, noise, seed + i);
            foreach ((float[] sound, double degrees) in sources)
            {
                double angle = degrees * Math.PI / 180;
                double lead = ((positions[i].X * Math.Cos(angle)) + (positions[i].Y * Math.Sin(angle))) / SpeedOfSound * 48_000;
                AddShifted(channel, sound, lead);
            }

            for (int n = 0; n < length; n++)
                interleaved[(n * positions.Count) + i] = (short)Math.Clamp(MathF.Round(channel[n]), short.MinValue, short.MaxValue);
        }

        return interleaved;
    }

    // Heard earlier by so many samples, by a sinc of 64 taps under Hann's window.
    private static void AddShifted(float[] channel, float[] sound, double lead)
    {
        const int Half = 32;
        int whole = (int)Math.Floor(lead);
        double fraction = lead - whole;
        double[] taps = new double[2 * Half];
        for (int tap = 0; tap < taps.Length; tap++)
        {
            double x = tap - Half + 1 - fraction;
            taps[tap] = (x == 0 ? 1 : Math.Sin(Math.PI * x) / (Math.PI * x)) * (0.5 + (0.5 * Math.Cos(Math.PI * Math.Clamp(x / Half, -1, 1))));
        }

        for (int n = 0; n < channel.Length; n++)
        {
            double sum = 0;
            for (int tap = 0; tap < taps.Length; tap++)
            {
                int at = n + whole + tap - Half + 1;
                if (at >= 0 && at < sound.Length)
                    sum += taps[tap] * sound[at];
            }

            channel[n] += (float)sum;
        }
    }
}
