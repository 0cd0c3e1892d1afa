namespace RoomAgent.Audio.Tests.Simulated;

/// <summary>Finds clicks: a jump within a sound stands out in its fourth difference, in which tones and voices are small.</summary>
internal static class Clicks
{
    /// <summary>The largest fourth difference.</summary>
    public static double Loudest(ReadOnlySpan<float> sound)
    {
        double loudest = 0;
        for (int i = 4; i < sound.Length; i++)
            loudest = Math.Max(loudest, Math.Abs(sound[i] - (4 * sound[i - 1]) + (6 * sound[i - 2]) - (4 * sound[i - 3]) + sound[i - 4]));
        return loudest;
    }
}
