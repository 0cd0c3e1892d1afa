using RoomAgent.Native.OpenSsl;
using RoomAgent.Testing;

namespace RoomAgent.Crypto.Tests;

public sealed class SecretTests
{
    [Fact]
    public void ASecretIsZeroedAndGoneWhenItIsDisposedOf()
    {
        var secret = Secret.Generate(new SeededRandom(1), 32);
        ReadOnlySpan<byte> bytes = secret.Bytes;
        Assert.True(bytes.ContainsAnyExcept((byte)0));

        secret.Dispose();
        secret.Dispose();

        Assert.False(bytes.ContainsAnyExcept((byte)0));
        Assert.Throws<ObjectDisposedException>(() => secret.Bytes.Length);
        Assert.Throws<ObjectDisposedException>(() => secret.Buffer.Length);
        Assert.Throws<ObjectDisposedException>(() => secret.FixedTimeEquals([]));
    }

    [Fact]
    public void ASecretEqualsTheSameBytesOfTheSameLengthOnly()
    {
        using var secret = Secret.CopyOf([1, 2, 3]);

        Assert.True(secret.FixedTimeEquals([1, 2, 3]));
        Assert.False(secret.FixedTimeEquals([1, 2, 4]));
        Assert.False(secret.FixedTimeEquals([1, 2]));
        Assert.False(secret.FixedTimeEquals([]));
    }

    [Fact]
    public void ASecretPrintsOnlyItsLength()
    {
        using var secret = Secret.CopyOf("hunter2"u8);

        Assert.Equal("(secret, 7 bytes)", $"{secret}");
    }

    [Fact]
    public void TheDevicesRandomSourceFillsWhatItIsGiven()
    {
        byte[] one = new byte[32];
        byte[] other = new byte[32];

        OpenSslRandom.Instance.Fill(one);
        OpenSslRandom.Instance.Fill(other);
        OpenSslRandom.Instance.Fill([]);

        Assert.NotEqual(one, other);
        Assert.Contains(one, b => b != 0);
    }
}
