using RoomAgent.Native.OpenSsl;
using RoomAgent.Testing;

namespace RoomAgent.Crypto.Tests;

public sealed class KeystreamTests
{
    private static readonly OpenSslCrypto s_crypto = OpenSslCrypto.Instance;

    [Theory] // NIST SP 800-38A sections F.5.1 and F.5.5
    [InlineData("2b7e151628aed2a6abf7158809cf4f3c", "874d6191b620e3261bef6864990db6ce9806f66b7970fdff8617187bb9fffdff5ae4df3edbd5d35e5b4f09020db03eab1e031dda2fbe03d1792170a0f3009cee")]
    [InlineData("603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4", "601ec313775789a5b7a7f504bbf3d228f443e3ca4d62b59aca84e990cacaf5c52b0930daa23de94ce87017ba2d84988ddfc9c58db67aada613c2dd08457941a6")]
    public void TheExamplesOfTheStandardComeOutToTheByteBothWays(string key, string ciphertext)
    {
        const string Plaintext = "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e5130c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710";
        using Keystream keystream = s_crypto.CreateKeystream(Convert.FromHexString(key))!;
        byte[] counter = Convert.FromHexString("f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff");
        byte[] text = Convert.FromHexString(Plaintext);

        keystream.Apply(counter, text, text);
        Assert.Equal(ciphertext, Convert.ToHexStringLower(text));

        keystream.Apply(counter, text, text);
        Assert.Equal(Plaintext, Convert.ToHexStringLower(text));
    }

    [Fact]
    public void OnlyKeysOf16And32BytesAreTaken()
    {
        for (int length = 0; length <= 40; length++)
        {
            using Keystream? keystream = s_crypto.CreateKeystream(new byte[length]);
            Assert.Equal(length is 16 or 32, keystream is not null);
        }
    }

    [Fact]
    public void MistakesOfOursAreExceptions()
    {
        Keystream keystream = s_crypto.CreateKeystream(new byte[16])!;
        byte[] buffer = new byte[32];

        Assert.Throws<ArgumentException>(() => keystream.Apply(new byte[12], buffer, buffer));
        Assert.Throws<ArgumentException>(() => keystream.Apply(new byte[16], buffer, new byte[31]));
        Assert.Throws<ArgumentException>(() => keystream.Apply(new byte[16], buffer.AsSpan(0, 16), buffer.AsSpan(1, 16)));
        keystream.Dispose();
        keystream.Dispose();
        Assert.Throws<InvalidOperationException>(() => keystream.Apply(new byte[16], buffer, buffer));
    }

    [Fact]
    public void AMessageAllocatesNothing()
    {
        using Keystream keystream = s_crypto.CreateKeystream(new byte[16])!;
        byte[] text = new byte[1_200];
        byte[] counter = new byte[16];
        keystream.Apply(counter, text, text);

        long allocated = Allocations.FewestOf(() =>
        {
            for (int i = 0; i < 100; i++)
                keystream.Apply(counter, text, text);
        });

        Assert.Equal(0, allocated);
    }
}
