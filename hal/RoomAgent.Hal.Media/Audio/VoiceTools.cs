namespace RoomAgent.Hal.Media.Audio;

/// <summary>The voice tools of every room: those of this folder.</summary>
public sealed class VoiceTools : IVoiceTools
{
    /// <inheritdoc/>
    public IMicrophonePath OpenPath(int channels, IReadOnlyList<(float X, float Y)> positions)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(channels, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(channels, MicrophoneArray.Most);
        if (channels == 1)
            return new MicrophonePath();
        return positions.Count == channels
            ? new MicrophonePath(new MicrophoneArray([.. positions.Select(position => new MicrophonePosition(position.X, position.Y))]))
            : new FirstChannel(channels);
    }

    /// <inheritdoc/>
    public IVoiceMixer OpenMixer() => new VoiceMixer();

    // Several microphones of which nobody knows where they are, such as those of a webcam: no beam, and no sum either, which would sound hollow.
    private sealed class FirstChannel(int channels) : IMicrophonePath
    {
        private readonly MicrophonePath _path = new();
        private readonly short[] _first = new short[Sound.BlockSamples];

        public MicrophoneSettings Settings
        {
            get => _path.Settings;
            set => _path.Settings = value;
        }

        public double? Direction => null;

        public int Delay => _path.Delay;

        public void HandlePlayed(ReadOnlySpan<short> samples) => _path.HandlePlayed(samples);

        public SoundLevel Process(ReadOnlySpan<short> interleaved, Span<short> destination)
        {
            Sound.RequireBlock(interleaved.Length, channels);
            for (int i = 0; i < _first.Length; i++)
                _first[i] = interleaved[i * channels];
            return _path.Process(_first, destination);
        }

        public void Dispose() => _path.Dispose();
    }
}
