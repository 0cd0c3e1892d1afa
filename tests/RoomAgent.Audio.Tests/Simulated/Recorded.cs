using RoomAgent.Hal;

namespace RoomAgent.Audio.Tests.Simulated;

/// <summary>A voice from a recording, in pieces of 20 ms.</summary>
internal sealed class Recorded(float[] sound) : IVoice
{
    private readonly short[] _samples = Signals.ToSamples(sound);
    private int _next;

    /// <summary>How often it was pulled.</summary>
    public int Pulls { get; private set; }

    /// <summary>The pace it asks for.</summary>
    public VoicePace Pace { get; init; }

    /// <summary>Whether it begins anew at its end.</summary>
    public bool Repeats { get; init; }

    /// <summary>At which pulls it has nothing.</summary>
    public Func<int, bool>? IsSilentAt { get; init; }

    public int Pull(TimeSpan now, Span<short> destination, out VoicePace pace)
    {
        pace = Pace;
        Pulls++;
        if (IsSilentAt?.Invoke(Pulls) ?? false)
            return 0;
        if (Repeats && _next == _samples.Length)
            _next = 0;

        int count = Math.Min(destination.Length, _samples.Length - _next);
        _samples.AsSpan(_next, count).CopyTo(destination);
        _next += count;
        return count;
    }
}
