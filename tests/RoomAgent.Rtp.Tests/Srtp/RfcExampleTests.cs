using RoomAgent.Native.OpenSsl;
using RoomAgent.Rtp.Srtp;

namespace RoomAgent.Rtp.Tests.Srtp;

/// <summary>
/// The examples of RFC 7714 (sections 16 and 17), RFC 3711 (appendix B) and RFC 6188 (section 7.2). Those of RFC 7714 start from session keys.
/// </summary>
public sealed class RfcExampleTests
{
    private const string Rtp = "8040f17b8041f8d35501a0b247616c6c696120657374206f6d6e69732064697669736120696e207061727465732074726573";
    private const string Rtcp = "81c8000d4d6172734e5450314e545032525450200000042a0000e9304c756e61deadbeefdeadbeefdeadbeefdeadbeefdeadbeef";

    [Theory]
    [InlineData(SrtpProfile.AeadAes128Gcm, "8040f17b8041f8d35501a0b2f24de3a3fb34de6cacba861c9d7e4bcabe633bd50d294e6f42a5f47a51c7d19b36de3adf8833899d7f27beb16a9152cf765ee4390cce")]
    [InlineData(SrtpProfile.AeadAes256Gcm, "8040f17b8041f8d35501a0b232b1de78a822fe12ef9f78fa332e33aab18012389a58e2f3b50b2a0276ffae0f1ba63799b87b7aa3db36dfffd6b0f9bb7878d7a76c13")]
    public void ThePacketsOfSection16ComeOutToTheByteBothWays(SrtpProfile profile, string expected)
    {
        using var sender = new SrtpSender(Transform(profile), profile);
        using var receiver = new SrtpReceiver(Transform(profile), profile);

        byte[] sealedPacket = sender.Protect(Convert.FromHexString(Rtp));
        SrtpOutcome outcome = receiver.Open(sealedPacket, out byte[] opened, out _);

        Assert.Equal(expected, Convert.ToHexStringLower(sealedPacket));
        Assert.Equal(SrtpOutcome.Opened, outcome);
        Assert.Equal(Rtp, Convert.ToHexStringLower(opened));
    }

    [Theory] // The packet that sections 17.1 and 17.2 encrypt; the one printed above them is another.
    [InlineData(SrtpProfile.AeadAes128Gcm, "81c8000d4d61727363e94885dcdab67ca727d7662f6b7e997ff5c0f76c06f32dc676a5f1730d6fda4ce09b4686303ded0bb9275bc84aa45896cf4d2fc5abf87245d9eade800005d4")]
    [InlineData(SrtpProfile.AeadAes256Gcm, "81c8000d4d617273d50ae4d1f5ce5d304ba297e47d470c282c3ece5dbffe0a50a2eaa5c1110555be8415f658c61de0476f1b6fad1d1eb30c4446839f57ff6f6cb26ac3be800005d4")]
    public void ThePacketsOfSection17ComeOutToTheByteBothWays(SrtpProfile profile, string expected)
    {
        using var sender = new SrtpSender(Transform(profile), profile) { RtcpPackets = 0x5d4 };
        using var receiver = new SrtpReceiver(Transform(profile), profile);

        byte[] sealedPacket = sender.ProtectRtcp(Convert.FromHexString(Rtcp));
        SrtpOutcome outcome = receiver.OpenRtcp(sealedPacket, out byte[] opened, out _);

        Assert.Equal(expected, Convert.ToHexStringLower(sealedPacket));
        Assert.Equal(SrtpOutcome.Opened, outcome);
        Assert.Equal(Rtcp, Convert.ToHexStringLower(opened));
    }

    [Fact] // Section 17.3: a good tag, and the E flag is 0.
    public void RtcpThatIsOnlyTaggedIsRefused()
    {
        using var receiver = new SrtpReceiver(Transform(SrtpProfile.AeadAes128Gcm), SrtpProfile.AeadAes128Gcm);

        SrtpOutcome outcome = receiver.OpenRtcp(Convert.FromHexString(Rtcp + "841dd9683dd78ec92ae58790125f62b3000005d4"));

        Assert.Equal(SrtpOutcome.Unencrypted, outcome);
        Assert.Equal(1, receiver.Count(SrtpOutcome.Unencrypted));
    }

    [Theory]
    [InlineData("e1f97a0d3e018be0d64fa32c06de41390ec675ad498afeebb6960b3aabe6", "c61e7a93744f39ee10734afe3ff7a087", "cebe321f6ff7716b6fd4ab49af256a156d38baa4", "30cbbc08863d8c85d49db34a9ae1")] // RFC 3711 appendix B.3
    [InlineData("f0f04914b513f2763a1b1fa130f10e2998f6f6e43e4309d1e622a0e332b9f1b63b04803de51ee7c96423ab5b78d2", "5ba1064e30ec51613cad926c5a28ef731ec7fb397f70a960653caf06554cd8c4", "fd9c32d39ed5fbb5a9dc96b30818454d1313dc05", "fa31791685ca444a9e07c6c64e93")] // RFC 6188 section 7.2
    public void SessionKeysComeOutOfTheMasterKey(string keyAndSalt, string encryption, string authentication, string salt)
    {
        byte[] master = Convert.FromHexString(keyAndSalt);
        byte[] derivedEncryption = new byte[encryption.Length / 2];
        byte[] derivedAuthentication = new byte[20];
        byte[] derivedSalt = new byte[14];

        KeyDerivation.Derive(OpenSslCrypto.Instance, master.AsSpan(0, master.Length - 14), master.AsSpan(master.Length - 14), 0, derivedEncryption, derivedAuthentication, derivedSalt);

        Assert.Equal(encryption, Convert.ToHexStringLower(derivedEncryption));
        Assert.Equal(authentication, Convert.ToHexStringLower(derivedAuthentication));
        Assert.Equal(salt, Convert.ToHexStringLower(derivedSalt));
    }

    [Fact] // Appendix B.2: 65,282 blocks of keystream; a payload of zeros shows them. Its SSRC, roll-over counter and sequence number are 0.
    public void TheKeystreamOfAppendixB2ComesOutToTheByte()
    {
        const int Length = 1_044_512;
        using SessionKeys keys = Keys(SrtpProfile.AesCm128HmacSha1Tag80, "2b7e151628aed2a6abf7158809cf4f3c", "f0f1f2f3f4f5f6f7f8f9fafbfcfd");
        using var transform = SrtpTransform.Create(OpenSslCrypto.Instance, SrtpProfile.AesCm128HmacSha1Tag80, keys, keys);
        byte[] packet = new byte[12 + Length + 10];

        transform.Protect(packet, 12, packet.AsSpan(12, Length), new Ssrc(0), 0);

        Assert.Equal("e03ead0935c95e80e166b16dd92b4eb4d23513162b02d0f72a43a2fe4a5f97ab41e95b3bb0a2e8dd477901e4fca894c0", Convert.ToHexStringLower(packet.AsSpan(12, 48)));
        Assert.Equal("ec8cdf7398607cb0f2d21675ea9ea1e4362b7c3c6773516318a077d7fc5073ae6a2cc3787889374fbeb4c81b17ba6c44", Convert.ToHexStringLower(packet.AsSpan(12 + Length - 48, 48)));
    }

    [Fact] // The reference packets that libsrtp checks itself with, under the master key of RFC 3711 appendix B.3.
    public void TheReferencePacketsOfLibsrtpComeOutToTheByte()
    {
        const SrtpProfile Profile = SrtpProfile.AesCm128HmacSha1Tag80;
        byte[] key = Convert.FromHexString("e1f97a0d3e018be0d64fa32c06de41390ec675ad498afeebb6960b3aabe6");
        using var sender = new SrtpSender(OpenSslCrypto.Instance, Profile, key) { RtcpPackets = 1 };

        byte[] rtp = sender.Protect(Convert.FromHexString("800f1234decafbadcafebabeabababababababababababababababab"));
        byte[] rtcp = sender.ProtectRtcp(Convert.FromHexString("81c8000bcafebabeabababababababababababababababab"));

        Assert.Equal("800f1234decafbadcafebabe4e55dc4ce79978d88ca4d215949d2402b78d6acc99ea179b8dbb", Convert.ToHexStringLower(rtp));
        Assert.Equal("81c8000bcafebabe7128035be487b9bdbef89041f977a5a880000001993e08cd54d6c1230798", Convert.ToHexStringLower(rtcp));
    }

    private static SrtpTransform Transform(SrtpProfile profile)
    {
        const string Key = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
        using SessionKeys keys = Keys(profile, Key[..(2 * profile.KeyLength())], "517569642070726f2071756f");
        return SrtpTransform.Create(OpenSslCrypto.Instance, profile, keys, keys);
    }

    private static SessionKeys Keys(SrtpProfile profile, string encryption, string salt)
    {
        var keys = new SessionKeys(profile);
        Convert.FromHexString(encryption).CopyTo(keys.Encryption.Buffer);
        Convert.FromHexString(salt).CopyTo(keys.Salt.Buffer);
        return keys;
    }
}
