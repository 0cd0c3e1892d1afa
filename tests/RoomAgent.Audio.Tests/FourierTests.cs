using RoomAgent.Audio.Tests.Simulated;
using RoomAgent.Hal.Media.Audio;

namespace RoomAgent.Audio.Tests;

public sealed class FourierTests
{
    [Theory]
    [InlineData(2)]
    [InlineData(64)]
    [InlineData(1_024)]
    public void ItIsTheSumOfTheDefinition(int size)
    {
        float[] real = Signals.Noise(size, -20, 1), imaginary = Signals.Noise(size, -20, 2);
        float[] a = [.. real], b = [.. imaginary];

        new Fourier(size).Forward(a, b);

        for (int k = 0; k < size; k += Math.Max(1, size / 16))
        {
            double expectedReal = 0, expectedImaginary = 0;
            for (int n = 0; n < size; n++)
            {
                (double sine, double cosine) = Math.SinCos(-2 * Math.PI * k * n / size);
                expectedReal += (real[n] * cosine) - (imaginary[n] * sine);
                expectedImaginary += (real[n] * sine) + (imaginary[n] * cosine);
            }

            Assert.Equal(expectedReal, a[k], 1.0 * size);
            Assert.Equal(expectedImaginary, b[k], 1.0 * size);
        }
    }

    [Fact]
    public void ThereAndBackIsWhatItWas()
    {
        float[] real = Signals.Noise(512, -20, 1), imaginary = new float[512];
        float[] a = [.. real];
        var fourier = new Fourier(512);

        fourier.Forward(a, imaginary);
        fourier.Inverse(a, imaginary);

        for (int i = 0; i < 512; i++)
            Assert.Equal(real[i], a[i] / 512, 0.5f);
    }

    [Fact]
    public void AnotherSizeThanAPowerOfTwoIsRefused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new Fourier(480));
        Assert.Throws<ArgumentOutOfRangeException>(() => new SampleRing(480));
    }
}
