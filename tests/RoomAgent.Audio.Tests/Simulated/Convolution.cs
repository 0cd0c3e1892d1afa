using RoomAgent.Hal.Media.Audio;

namespace RoomAgent.Audio.Tests.Simulated;

/// <summary>Sends a sound through a room's impulse response.</summary>
internal static class Convolution
{
    private const int Size = 65_536;

    public static float[] Convolve(float[] sound, float[] response)
    {
        var fourier = new Fourier(Size);
        float[] responseReal = new float[Size], responseImaginary = new float[Size];
        response.CopyTo(responseReal, 0);
        fourier.Forward(responseReal, responseImaginary);

        float[] result = new float[sound.Length];
        float[] real = new float[Size], imaginary = new float[Size];
        int step = Size - response.Length;
        for (int start = 0; start < sound.Length; start += step)
        {
            Array.Clear(imaginary);
            for (int i = 0; i < Size; i++)
                real[i] = start - response.Length + i is >= 0 and var at && at < sound.Length ? sound[at] : 0;
            fourier.Forward(real, imaginary);
            for (int k = 0; k < Size; k++)
            {
                float a = (real[k] * responseReal[k]) - (imaginary[k] * responseImaginary[k]);
                imaginary[k] = (real[k] * responseImaginary[k]) + (imaginary[k] * responseReal[k]);
                real[k] = a;
            }

            fourier.Inverse(real, imaginary);
            for (int i = 0; i < step && start + i < sound.Length; i++)
                result[start + i] = real[response.Length + i] / Size;
        }

        return result;
    }

    /// <summary>A direct sound and a tail of noise that falls by 60 dB in <paramref name="reverberation"/> seconds.</summary>
    /// <param name="reverberation">Seconds.</param>
    /// <param name="loss">How much quieter than it was played the echo is, in dB.</param>
    /// <param name="seed">Another room for each.</param>
    public static float[] Room(double reverberation, double loss, int seed)
    {
        var random = new Random(seed);
        double[] response = new double[(int)(reverberation * 48_000 * 1.2)];
        for (int i = 96; i < response.Length; i++)
            response[i] = ((random.NextDouble() * 2) - 1) * Math.Pow(10, -3.0 * i / 48_000 / reverberation);
        double tail = response.Sum(x => x * x);

        // The direct sound is as strong as all the rest.
        response[0] = Math.Sqrt(tail);
        double scale = Math.Pow(10, -loss / 20) / Math.Sqrt(2 * tail);
        return [.. response.Select(x => (float)(x * scale))];
    }
}
