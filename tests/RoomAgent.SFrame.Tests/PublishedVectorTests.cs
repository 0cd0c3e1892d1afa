using RoomAgent.Crypto;
using RoomAgent.Native.OpenSsl;

namespace RoomAgent.SFrame.Tests;

public sealed class PublishedVectorTests
{
    [Fact]
    public void HeadersAreEncodedAndReadToTheByte()
    {
        VectorFile.ForEachCase(VectorFile.Header, vector =>
        {
            byte[] encoded = vector.Bytes("encoded");
            var header = new SFrameHeader(vector.KeyId(), vector.Counter());
            byte[] written = new byte[header.Length];

            header.Write(written);

            Assert.Equal(encoded, written);
            Assert.True(SFrameHeader.TryRead(encoded, out SFrameHeader read));
            Assert.Equal(header, read);
        });
    }

    [Fact]
    public void CounterModeWithHmacComesOutToTheByte()
    {
        VectorFile.ForEachCase(VectorFile.CtrHmac, vector =>
        {
            SFrameCipherSuite suite = vector.Suite();
            byte[] key = vector.Bytes("key");
            byte[] plaintext = vector.Bytes("pt");
            byte[] ciphertext = vector.Bytes("ct");
            using FrameCipher cipher = FrameCipher.Create(OpenSslCrypto.Instance, suite, key);
            byte[] sealedText = new byte[plaintext.Length + suite.Tag()];
            byte[] openedText = new byte[plaintext.Length];

            cipher.Seal(vector.Bytes("nonce"), vector.Bytes("aad"), plaintext, sealedText);
            bool opened = cipher.TryOpen(vector.Bytes("nonce"), vector.Bytes("aad"), ciphertext, openedText);

            Assert.Equal(suite.Key(), key.Length);
            Assert.Equal(vector.Bytes("enc_key"), key[..suite.EncryptionKey()]);
            Assert.Equal(vector.Bytes("auth_key"), key[suite.EncryptionKey()..]);
            Assert.Equal(ciphertext, sealedText);
            Assert.True(opened);
            Assert.Equal(plaintext, openedText);
        });
    }

    [Fact]
    public void FramesComeOutToTheByte()
    {
        var suites = new HashSet<SFrameCipherSuite>();
        VectorFile.ForEachCase(VectorFile.SFrame, vector =>
        {
            byte[] frame = vector.Bytes("ct");
            byte[] plaintext = vector.Bytes("pt");
            byte[] metadata = vector.TryGetProperty("metadata", out _) ? vector.Bytes("metadata") : [];
            using var secret = new FrameSecret(OpenSslCrypto.Instance, vector.Suite(), vector.Bytes("base_key"));
            using Secret key = secret.DeriveKey(vector.KeyId());
            using Secret salt = secret.DeriveSalt(vector.KeyId());
            using FrameKey frameKey = secret.Derive(vector.KeyId());
            Assert.True(SFrameHeader.TryRead(frame, out SFrameHeader header));
            byte[] sealedText = new byte[frame.Length - header.Length];
            byte[] openedText = new byte[plaintext.Length];

            frameKey.Seal(vector.Counter(), frame.AsSpan(0, header.Length), metadata, plaintext, sealedText);
            OpenOutcome outcome = new OpeningKey(secret, vector.KeyId()).Open(header, frame, metadata, openedText, out int length);

            vector.AssertIfGiven("sframe_secret", secret.Value.Bytes);
            vector.AssertIfGiven("sframe_key", key.Bytes);
            vector.AssertIfGiven("sframe_salt", salt.Bytes);
            Assert.Equal(vector.KeyId(), header.KeyId);
            Assert.Equal(vector.Counter(), header.Counter);
            Assert.Equal(frame[header.Length..], sealedText);
            Assert.Equal(OpenOutcome.Opened, outcome);
            Assert.Equal(plaintext, openedText[..length]);
            suites.Add(vector.Suite());
        });

        for (SFrameCipherSuite suite = SFrameCipherSuite.Aes128CtrHmacSha256Tag80; suite <= SFrameCipherSuite.Aes256GcmSha512; suite++)
            Assert.Contains(suite, suites);
    }
}
