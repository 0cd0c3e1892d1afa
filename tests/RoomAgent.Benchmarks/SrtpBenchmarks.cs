using BenchmarkDotNet.Attributes;
using RoomAgent.Crypto;
using RoomAgent.Native.OpenSsl;
using RoomAgent.Rtp;
using RoomAgent.Rtp.Srtp;
using RoomAgent.Testing;

namespace RoomAgent.Benchmarks;

/// <summary>A packet of 1,200 bytes of payload, each with a new number, protected: libsrtp2 as Debian builds it against ours, both called from here, and OpenSSL's AES-256-GCM alone.</summary>
/// <remarks>A board without AES instructions is seen with <c>./bench --no-aes Srtp</c>.</remarks>
public class SrtpProtectBenchmarks
{
    private readonly byte[] _nonce = new byte[Sizes.AeadNonce];
    private readonly byte[] _packet = new byte[SrtpStream.RoomForPacket];
    private Libsrtp2 _libsrtp = null!;
    private SrtpSender _ours = null!;
    private Aead _aead = null!;
    private ushort _sequence;

    [Params(SrtpProfile.AeadAes256Gcm, SrtpProfile.AesCm128HmacSha1Tag80)]
    public SrtpProfile Profile { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        byte[] key = SrtpStream.Key(Profile);
        _libsrtp = new Libsrtp2(Profile.SdesName(), key, outbound: true);
        _ours = new SrtpSender(OpenSslCrypto.Instance, Profile, key);
        _aead = OpenSslCrypto.Instance.CreateAead(AeadAlgorithm.Aes256Gcm, new byte[32])!;
    }

    [Benchmark(Baseline = true, Description = "libsrtp2 srtp_protect")]
    public int Libsrtp()
    {
        SrtpStream.Header(_sequence++).Write(_packet);
        int length = SrtpStream.ClearLength;
        return _libsrtp.Protect(_packet, ref length) == Libsrtp2.Ok ? length : throw new InvalidOperationException("srtp_protect refuses.");
    }

    [Benchmark(Description = "SrtpSender.TryProtect")]
    public int Ours()
    {
        RtpHeader header = SrtpStream.Header(_sequence++);
        header.Write(_packet);
        return _ours.TryProtect(_packet, header, _packet.AsSpan(RtpHeader.FixedLength, SrtpStream.PayloadLength), out int length)
            ? length
            : throw new InvalidOperationException("TryProtect refuses.");
    }

    [Benchmark(Description = "Aead.Seal alone, AES-256")]
    public void AeadAlone() =>
        _aead.Seal(_nonce, _packet.AsSpan(0, 12), _packet.AsSpan(12, SrtpStream.PayloadLength), _packet.AsSpan(12, SrtpStream.PayloadLength + Sizes.AeadTag));
}

/// <summary>The same packets opened. They are made before; all copy each into a buffer and open it there, in a new session for each batch.</summary>
public class SrtpUnprotectBenchmarks
{
    // So many that what a new session costs is nothing beside them; their numbers do not wrap.
    private const int Batch = 8_192;

    private readonly byte[] _packet = new byte[SrtpStream.RoomForPacket];
    private readonly byte[] _nonce = new byte[Sizes.AeadNonce];
    private readonly byte[][] _wire = new byte[Batch][];
    private byte[] _sealed = [];
    private byte[] _key = [];
    private Aead _aead = null!;

    [Params(SrtpProfile.AeadAes256Gcm, SrtpProfile.AesCm128HmacSha1Tag80)]
    public SrtpProfile Profile { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _key = SrtpStream.Key(Profile);
        using var sender = new SrtpSender(OpenSslCrypto.Instance, Profile, _key);
        for (int i = 0; i < Batch; i++)
        {
            RtpHeader header = SrtpStream.Header((ushort)i);
            header.Write(_packet);
            sender.TryProtect(_packet, header, new byte[SrtpStream.PayloadLength], out int length);
            _wire[i] = _packet[..length];
        }

        _aead = OpenSslCrypto.Instance.CreateAead(AeadAlgorithm.Aes256Gcm, new byte[32])!;
        _sealed = new byte[SrtpStream.PayloadLength + Sizes.AeadTag];
        _aead.Seal(_nonce, _wire[0].AsSpan(0, 12), new byte[SrtpStream.PayloadLength], _sealed);
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = Batch, Description = "libsrtp2 srtp_unprotect")]
    public void Libsrtp()
    {
        using var receiver = new Libsrtp2(Profile.SdesName(), _key, outbound: false);
        foreach (byte[] wire in _wire)
        {
            wire.CopyTo(_packet, 0);
            int length = wire.Length;
            if (receiver.Unprotect(_packet, ref length) != Libsrtp2.Ok)
                throw new InvalidOperationException("srtp_unprotect refuses.");
        }
    }

    [Benchmark(OperationsPerInvoke = Batch, Description = "SrtpReceiver.TryUnprotect")]
    public void Ours()
    {
        using var receiver = new SrtpReceiver(OpenSslCrypto.Instance, Profile, _key);
        foreach (byte[] wire in _wire)
        {
            wire.CopyTo(_packet, 0);
            if (!RtpHeader.TryRead(_packet, out RtpHeader header) || receiver.TryUnprotect(_packet.AsSpan(0, wire.Length), header, out _) != SrtpOutcome.Opened)
                throw new InvalidOperationException("TryUnprotect refuses.");
        }
    }

    [Benchmark(OperationsPerInvoke = Batch, Description = "Aead.TryOpen alone, AES-256")]
    public void AeadAlone()
    {
        for (int i = 0; i < Batch; i++)
        {
            _sealed.CopyTo(_packet, 12);
            if (!_aead.TryOpen(_nonce, _wire[0].AsSpan(0, 12), _packet.AsSpan(12, _sealed.Length), _packet.AsSpan(12, SrtpStream.PayloadLength)))
                throw new InvalidOperationException("TryOpen refuses.");
        }
    }
}

/// <summary>The packets of both.</summary>
internal static class SrtpStream
{
    public const int PayloadLength = 1_200;
    public const int ClearLength = RtpHeader.FixedLength + PayloadLength;

    // What srtp.h asks for behind a packet: a tag and the identifier of a master key.
    public const int RoomForPacket = ClearLength + 144;

    public static byte[] Key(SrtpProfile profile)
    {
        byte[] key = new byte[profile.KeyAndSaltLength()];
        new Random(1).NextBytes(key);
        return key;
    }

    public static RtpHeader Header(ushort sequence) =>
        new() { PayloadType = 96, Sequence = new SequenceNumber(sequence), Ssrc = new Ssrc(0xcafe_babe), Length = RtpHeader.FixedLength };
}
