using System.Collections.Immutable;

namespace RoomAgent.Hal.Media.Audio;

/// <summary>Where a microphone is, in metres in the plane of the array. Angles are counted from x towards y.</summary>
/// <param name="X">To the right.</param>
/// <param name="Y">To the front.</param>
public readonly record struct MicrophonePosition(double X, double Y);

/// <summary>Where the microphones of an array are: 2 to 8 of them, within a metre.</summary>
public sealed class MicrophoneArray
{
    /// <summary>The fewest microphones of an array.</summary>
    public const int Fewest = 2;

    /// <summary>The most microphones of an array.</summary>
    public const int Most = 8;

    /// <summary>How fast sound is, in metres a second, at room temperature.</summary>
    public const double SpeedOfSound = 343;

    /// <summary>Describes an array.</summary>
    /// <param name="positions">In the order of the channels.</param>
    /// <exception cref="ArgumentException">There are too few or too many, two are in one place, or they are further apart than a metre.</exception>
    public MicrophoneArray(params ReadOnlySpan<MicrophonePosition> positions)
    {
        if (positions.Length is < Fewest or > Most)
            throw new ArgumentException($"An array has {Fewest} to {Most} microphones, not {positions.Length}.");

        for (int i = 0; i < positions.Length; i++)
        {
            for (int j = 0; j < i; j++)
            {
                double distance = Math.Sqrt(Math.Pow(positions[i].X - positions[j].X, 2) + Math.Pow(positions[i].Y - positions[j].Y, 2));
                if (distance is not (>= 0.001 and <= 1))
                    throw new ArgumentException($"The microphones {j} and {i} are {distance} m apart: it must be from 1 mm to 1 m.");
            }
        }

        double x = 0, y = 0;
        foreach (MicrophonePosition position in positions)
            (x, y) = (x + (position.X / positions.Length), y + (position.Y / positions.Length));
        var centred = ImmutableArray.CreateBuilder<MicrophonePosition>(positions.Length);
        foreach (MicrophonePosition position in positions)
            centred.Add(new MicrophonePosition(position.X - x, position.Y - y));
        Positions = centred.MoveToImmutable();
        IsLinear = Positions.All(position => Math.Abs((position.X * Along.Y) - (position.Y * Along.X)) < 0.001);
    }

    /// <summary>The microphones, seen from their middle.</summary>
    public ImmutableArray<MicrophonePosition> Positions { get; }

    /// <summary>How many there are.</summary>
    public int Count => Positions.Length;

    /// <summary>Whether all are in one line. Such an array hears the same from both sides of the line and cannot tell front from back.</summary>
    public bool IsLinear { get; }

    private MicrophonePosition Along
    {
        get
        {
            MicrophonePosition far = Positions.MaxBy(position => (position.X * position.X) + (position.Y * position.Y));
            double length = Math.Sqrt((far.X * far.X) + (far.Y * far.Y));
            return new MicrophonePosition(far.X / length, far.Y / length);
        }
    }

    /// <summary>Microphones in a line along x.</summary>
    /// <param name="count">2 to 8.</param>
    /// <param name="spacing">From one to the next, in metres.</param>
    public static MicrophoneArray Linear(int count, double spacing) =>
        new([.. Enumerable.Range(0, count).Select(i => new MicrophonePosition(i * spacing, 0))]);

    /// <summary>Microphones on a circle, the first at 0 degrees.</summary>
    /// <param name="count">2 to 8.</param>
    /// <param name="radius">In metres.</param>
    public static MicrophoneArray Circular(int count, double radius) =>
        new([.. Enumerable.Range(0, count).Select(i => new MicrophonePosition(radius * Math.Cos(2 * Math.PI * i / count), radius * Math.Sin(2 * Math.PI * i / count)))]);

    /// <summary>How much earlier than the middle of the array a microphone hears what comes from a direction, in samples.</summary>
    internal double LeadOf(int microphone, double degrees)
    {
        (double sine, double cosine) = Math.SinCos(degrees * Math.PI / 180);
        return ((Positions[microphone].X * cosine) + (Positions[microphone].Y * sine)) / SpeedOfSound * Sound.SampleRate;
    }
}
