using System.Security.Cryptography;
using RoomAgent.Agent.Ports;
using RoomAgent.Crypto;
using RoomAgent.Mls;
using RoomAgent.Wire;

namespace RoomAgent.Agent.Identity;

/// <summary>
/// Who this device is in meetings: a P-256 key and the certificate for it. Kept together, so that a device that comes back after a power cut is the member that it was.
/// Each certificate has a key of its own, which is on the storage before anybody certifies it. Another key than that of the account.
/// </summary>
public sealed class DeviceIdentity : IDisposable
{
    private const string Name = "meeting-identity";
    private const string NextName = "meeting-identity-next";
    private const byte Version = 1;
    private const int KeyLength = 32;
    private const int MostCertificates = 8;
    private const int LongestName = 255;

    private readonly IVault _vault;
    private readonly ICryptoProvider _crypto;
    private readonly IRandom _random;

    private DeviceIdentity(IVault vault, ICryptoProvider crypto, IRandom random) => (_vault, _crypto, _random) = (vault, crypto, random);

    /// <summary>The certificate; <see langword="null"/> before there is one.</summary>
    public DeviceCertificate? Certificate { get; private set; }

    /// <summary>Since when we have it.</summary>
    public DateTimeOffset Since { get; private set; }

    /// <summary>The key of the certificate; this object's.</summary>
    public SigningKey? Key { get; private set; }

    /// <summary>The chain as a credential of MLS (RFC 9420 section 5.3).</summary>
    public Credential? Credential { get; private set; }

    /// <summary>Takes up what is kept. What cannot be read is as good as nothing.</summary>
    /// <exception cref="IOException">The storage is broken.</exception>
    public static DeviceIdentity Open(IVault vault, ICryptoProvider crypto, IRandom random)
    {
        var identity = new DeviceIdentity(vault, crypto, random);
        if (vault.Read(Name) is { } kept)
        {
            identity.Read(kept);
            CryptographicOperations.ZeroMemory(kept);
        }

        return identity;
    }

    /// <summary>Whether another certificate is to be got: there is none, it is of another name, or two thirds of its life with us are over.</summary>
    /// <param name="name">The device's name at the hub.</param>
    /// <param name="now">The present.</param>
    public bool IsDue(string name, DateTimeOffset now) =>
        Certificate is not { } certificate || certificate.Name != name || now >= Since + ((certificate.NotAfter - Since) * 2 / 3);

    /// <summary>Whether the certificate is good for meetings now.</summary>
    /// <param name="name">The device's name at the hub.</param>
    /// <param name="now">The present.</param>
    public bool IsGood(string name, DateTimeOffset now) => Certificate is { } certificate && certificate.Name == name && now < certificate.NotAfter;

    /// <summary>The key for the next certificate: made and on the storage when this returns, or the one that is there since a request was interrupted.</summary>
    /// <exception cref="IOException">The storage is full or broken.</exception>
    public IIdentityKey PrepareKey()
    {
        if (_vault.Read(NextName) is { } kept)
        {
            SigningKey? found = kept.Length == KeyLength ? _crypto.ImportSigningKey(SignatureScheme.EcdsaSecp256r1Sha256, kept) : null;
            CryptographicOperations.ZeroMemory(kept);
            if (found is not null)
                return new RequestKey(found);
        }

        using Secret made = SignatureKeys.Generate(_crypto, _random, SignatureScheme.EcdsaSecp256r1Sha256);
        _vault.Write(NextName, made.Bytes);
        return new RequestKey(_crypto.ImportSigningKey(SignatureScheme.EcdsaSecp256r1Sha256, made.Bytes)!);
    }

    /// <summary>Takes a certificate for the key of <see cref="PrepareKey"/>: from the moment it is on the storage, the one before is forgotten.</summary>
    /// <exception cref="IOException">The storage is full or broken; nothing has changed.</exception>
    public void Take(DeviceCertificate certificate, DateTimeOffset now)
    {
        if (_vault.Read(NextName) is not { } key)
            return;

        byte[] record = Encode(key, certificate, now);
        try
        {
            _vault.Write(Name, record);
            Read(record);
            _vault.Remove(NextName);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(key);
            CryptographicOperations.ZeroMemory(record);
        }
    }

    /// <summary>The account is over: nothing of it is kept.</summary>
    /// <exception cref="IOException">The storage is broken.</exception>
    public void Forget()
    {
        Clear();
        _vault.Remove(Name);
        _vault.Remove(NextName);
    }

    /// <summary>Zeroes the key. What is kept stays.</summary>
    public void Dispose() => Clear();

    private void Clear()
    {
        Key?.Dispose();
        (Key, Certificate, Credential) = (null, null, null);
    }

    // struct { uint8 version; opaque private_key[32]; int64 since; int64 not_after; opaque name<V>; opaque certificate<V>[]; } in ticks of UTC
    private static byte[] Encode(ReadOnlySpan<byte> key, DeviceCertificate certificate, DateTimeOffset now)
    {
        byte[] buffer = new byte[1 + KeyLength + 16 + 4 + LongestName + certificate.Chain.Sum(one => one.Length + 4)];
        var writer = new WireWriter(buffer);
        writer.WriteUInt8(Version);
        writer.WriteBytes(key);
        writer.WriteUInt64((ulong)now.UtcTicks);
        writer.WriteUInt64((ulong)certificate.NotAfter.UtcTicks);
        writer.WriteVector(System.Text.Encoding.ASCII.GetBytes(certificate.Name));
        foreach (ReadOnlyMemory<byte> one in certificate.Chain)
            writer.WriteVector(one.Span);
        byte[] record = writer.Written.ToArray();
        CryptographicOperations.ZeroMemory(buffer);
        return record;
    }

    private void Read(ReadOnlySpan<byte> record)
    {
        var reader = new WireReader(record);
        bool isKnown = reader.ReadUInt8() == Version;
        ReadOnlySpan<byte> key = reader.ReadBytes(KeyLength);
        ulong since = reader.ReadUInt64(), until = reader.ReadUInt64();
        string name = System.Text.Encoding.ASCII.GetString(reader.ReadVector());
        var chain = new List<ReadOnlyMemory<byte>>();
        while (!reader.Failed && reader.Remaining > 0 && chain.Count < MostCertificates)
            chain.Add(reader.ReadVector().ToArray());
        if (!isKnown || reader.Failed || chain.Count == 0 || !IsDate(since) || !IsDate(until))
            return;
        if (_crypto.ImportSigningKey(SignatureScheme.EcdsaSecp256r1Sha256, key) is not { } imported)
            return;

        Clear();
        Key = imported;
        Since = new DateTimeOffset((long)since, TimeSpan.Zero);
        Certificate = new DeviceCertificate(chain, name, new DateTimeOffset((long)until, TimeSpan.Zero));
        Credential = Credential.X509([.. chain.Select(one => ByteString.CopyOf(one.Span))]);
    }

    private static bool IsDate(ulong ticks) => ticks <= (ulong)DateTimeOffset.MaxValue.UtcTicks;

    private sealed class RequestKey(SigningKey key) : IIdentityKey
    {
        // SEQUENCE { SEQUENCE { id-ecPublicKey, prime256v1 }, BIT STRING }: what stands before the point in a SubjectPublicKeyInfo (RFC 5480 section 2).
        private static ReadOnlySpan<byte> BeforePoint =>
            [0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00];

        public ReadOnlyMemory<byte> PublicKey { get; } = (byte[])[.. BeforePoint, .. key.PublicKey];

        public byte[] Sign(ReadOnlySpan<byte> text)
        {
            Span<byte> signature = stackalloc byte[key.Scheme.LargestSignature()];
            return signature[..key.Sign(text, signature)].ToArray();
        }

        public void Dispose() => key.Dispose();
    }
}
