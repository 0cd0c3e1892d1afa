using System.Text.Json;
using RoomAgent.Native.OpenSsl;
using RoomAgent.Testing;
using RoomAgent.Wire;

namespace RoomAgent.Crypto.Tests;

public sealed class HpkeVectorTests
{
    private static readonly OpenSslCrypto s_crypto = OpenSslCrypto.Instance;

    public static TheoryData<string> Rfc9180Suites => [.. Rfc9180.Load().Select(vector => vector.Name)];

    /// <summary>The seven suites of RFC 9420 section 17.1, which are those we claim.</summary>
    public static TheoryData<int, KemGroup, HashAlgorithm, AeadAlgorithm> MlsSuites => new()
    {
        { 1, KemGroup.X25519, HashAlgorithm.Sha256, AeadAlgorithm.Aes128Gcm },
        { 2, KemGroup.P256, HashAlgorithm.Sha256, AeadAlgorithm.Aes128Gcm },
        { 3, KemGroup.X25519, HashAlgorithm.Sha256, AeadAlgorithm.ChaCha20Poly1305 },
        { 4, KemGroup.X448, HashAlgorithm.Sha512, AeadAlgorithm.Aes256Gcm },
        { 5, KemGroup.P521, HashAlgorithm.Sha512, AeadAlgorithm.Aes256Gcm },
        { 6, KemGroup.X448, HashAlgorithm.Sha512, AeadAlgorithm.ChaCha20Poly1305 },
        { 7, KemGroup.P384, HashAlgorithm.Sha384, AeadAlgorithm.Aes256Gcm },
    };

    [Theory]
    [MemberData(nameof(Rfc9180Suites))]
    public void TheRfc9180ExamplesComeOutToTheByte(string name)
    {
        Rfc9180.Vector vector = Rfc9180.Load().Single(v => v.Name == name);
        var suite = new Hpke(s_crypto, (KemGroup)vector.Number("kem_id"), (HashAlgorithm)vector.Number("kdf_id"), (AeadAlgorithm)vector.Number("aead_id"));
        using KemPrivateKey ephemeral = suite.DeriveKeyPair(vector["ikmE"]);
        using KemPrivateKey recipient = suite.DeriveKeyPair(vector["ikmR"]);
        using KemPrivateKey imported = s_crypto.ImportKemPrivateKey(suite.Kem, vector["skRm"])!;
        using KemPublicKey recipientPublic = s_crypto.ImportKemPublicKey(suite.Kem, vector["pkRm"])!;
        byte[] enc = new byte[suite.EncapsulatedKeySize];

        using HpkeContext sender = suite.SetupSender(recipientPublic, vector["info"], ephemeral, enc)!;
        using HpkeContext receiver = suite.SetupRecipient(enc, imported, vector["info"])!;

        Assert.Equal(vector["enc"], enc);
        Assert.Equal(vector["pkRm"], recipient.PublicKey.ToArray());
        Assert.Equal(vector["pkRm"], imported.PublicKey.ToArray());
        Assert.Equal([0, 1, 2, 4, 255, 256], vector.Encryptions.Keys);
        for (int sequence = 0; sequence <= 256; sequence++)
        {
            // The numbers between the printed ones are sealed too: a context counts, it cannot jump.
            Rfc9180.Encryption message = vector.Encryptions.GetValueOrDefault(sequence, vector.Encryptions[0]);
            byte[] ciphertext = new byte[message.Plaintext.Length + Sizes.AeadTag];
            byte[] plaintext = new byte[message.Plaintext.Length];

            sender.Seal(message.AssociatedData, message.Plaintext, ciphertext);

            Assert.True(receiver.TryOpen(message.AssociatedData, ciphertext, plaintext));
            Assert.Equal(message.Plaintext, plaintext);
            if (vector.Encryptions.ContainsKey(sequence))
                Assert.Equal(message.Ciphertext, ciphertext);
        }

        Assert.Equal(3, vector.Exports.Count);
        foreach ((byte[] context, byte[] value) in vector.Exports)
        {
            byte[] exported = new byte[value.Length];
            sender.Export(context, exported);
            Assert.Equal(value, exported);
            receiver.Export(context, exported);
            Assert.Equal(value, exported);
        }
    }

    [Theory]
    [MemberData(nameof(MlsSuites))]
    public void WhatAnotherImplementationEncryptedForEachMlsSuiteOpens(int number, KemGroup kem, HashAlgorithm kdf, AeadAlgorithm aead)
    {
        Assert.SkipWhen(Repository.Vectors is null, "PUBLISHED VECTORS ARE MISSING: set ROOMAGENT_VECTORS to the folder with mls/ and sframe/.");
        using JsonDocument file = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(Repository.Vectors, "mls", "crypto-basics.json")));
        JsonElement vector = file.RootElement.EnumerateArray().Single(v => v.GetProperty("cipher_suite").GetInt32() == number).GetProperty("encrypt_with_label");
        byte[] Field(string name) => Convert.FromHexString(vector.GetProperty(name).GetString()!);
        var suite = new Hpke(s_crypto, kem, kdf, aead);
        using KemPrivateKey recipient = s_crypto.ImportKemPrivateKey(kem, Field("priv"))!;
        byte[] info = EncryptContext(vector.GetProperty("label").GetString()!, Field("context"));
        byte[] plaintext = new byte[Field("ciphertext").Length - Sizes.AeadTag];

        Assert.True(suite.TryOpen(Field("kem_output"), recipient, info, [], Field("ciphertext"), plaintext));

        Assert.Equal(Field("plaintext"), plaintext);
        Assert.Equal(Field("pub"), recipient.PublicKey.ToArray());
    }

    // EncryptContext of RFC 9420 section 5.1.3
    private static byte[] EncryptContext(string label, ReadOnlySpan<byte> context)
    {
        var writer = new WireWriter(new byte[1024]);
        writer.WriteVector(System.Text.Encoding.UTF8.GetBytes("MLS 1.0 " + label));
        writer.WriteVector(context);
        return writer.ToArray();
    }
}
