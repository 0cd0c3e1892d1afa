namespace RoomAgent.Hal.Media.Audio;

/// <summary>Takes away what lies below any voice: a Butterworth high pass of second order at 70 Hz.</summary>
internal struct RumbleFilter
{
    private static readonly double s_tangent = Math.Tan(Math.PI * 70 / Sound.SampleRate);
    private static readonly double s_scale = 1 / (1 + (Math.Sqrt(2) * s_tangent) + (s_tangent * s_tangent));
    private static readonly double s_first = 2 * ((s_tangent * s_tangent) - 1) * s_scale;
    private static readonly double s_second = (1 - (Math.Sqrt(2) * s_tangent) + (s_tangent * s_tangent)) * s_scale;

    private double _first;
    private double _second;

    public void Process(Span<short> samples)
    {
        foreach (ref short sample in samples)
        {
            double held = sample - (s_first * _first) - (s_second * _second);
            sample = Sound.ToSample((float)(s_scale * (held - (2 * _first) + _second)));
            (_second, _first) = (_first, held);
        }
    }
}
