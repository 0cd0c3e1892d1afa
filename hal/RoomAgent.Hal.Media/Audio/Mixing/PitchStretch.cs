namespace RoomAgent.Hal.Media.Audio;

/// <summary>Makes a voice shorter or longer by one period of its pitch, which is not heard.</summary>
/// <remarks>
/// Two periods that follow each other look nearly the same. Faded into one, the voice is one period shorter; with a third one faded between, one longer. Where no
/// two stretches of 2.5 to 10 ms are alike nothing is done: speech has a better place soon.
/// </remarks>
internal static class PitchStretch
{
    /// <summary>The longest period, in samples: 100 Hz, or two periods of a deeper voice's second harmonic.</summary>
    public const int LongestPeriod = 480;

    /// <summary>How much sound it needs.</summary>
    public const int Needed = 2 * LongestPeriod;

    private const int ShortestPeriod = 120;
    private const double Alike = 0.85;

    // Below -60 dBov nothing is heard of what is done.
    private const double Quiet = 32.0 * 32;

    /// <summary>Shortens the sound at its beginning.</summary>
    /// <returns>By how many samples: the first of <paramref name="sound"/> are to be left out then.</returns>
    public static int Shorten(Span<float> sound)
    {
        int period = FindPeriod(sound);

        // Fades into the second period, from where the sound goes on.
        for (int i = 0; i < period; i++)
            sound[period + i] = sound[i] + ((sound[period + i] - sound[i]) * (i + 1) / period);
        return period;
    }

    /// <summary>Makes what must be put in behind the first period.</summary>
    /// <param name="sound">The sound, not changed.</param>
    /// <param name="inserted">Room for the longest period.</param>
    /// <returns>How many samples: they belong before the sample of this number.</returns>
    public static int Lengthen(ReadOnlySpan<float> sound, Span<float> inserted)
    {
        int period = FindPeriod(sound);
        for (int i = 0; i < period; i++)
            inserted[i] = sound[period + i] + ((sound[i] - sound[period + i]) * (i + 1) / period);
        return period;
    }

    private static int FindPeriod(ReadOnlySpan<float> sound)
    {
        if (sound.Length < Needed)
            return 0;
        if (Correlate(sound, sound, Needed) < Quiet * Needed)
            return LongestPeriod;

        int best = 0;
        double bestLikeness = Alike;
        for (int period = ShortestPeriod; period <= LongestPeriod; period++)
        {
            double cross = Correlate(sound, sound[period..], period);
            if (cross <= 0)
                continue;

            double likeness = cross / Math.Sqrt((Correlate(sound, sound, period) * Correlate(sound[period..], sound[period..], period)) + 1);
            if (likeness > bestLikeness)
                (best, bestLikeness) = (period, likeness);
        }

        return best;
    }

    private static double Correlate(ReadOnlySpan<float> a, ReadOnlySpan<float> b, int length)
    {
        double sum = 0;
        for (int i = 0; i < length; i++)
            sum += a[i] * b[i];
        return sum;
    }
}
