using RoomAgent.Crypto;
using RoomAgent.Wire;

namespace RoomAgent.Mls;

/// <summary>
/// What MLS needs to know of an X.509 certificate (RFC 5280 section 4.1), read strictly from DER. Nothing here was verified:
/// signatures, name constraints and revocation are the work of path validation.
/// </summary>
/// <remarks>Reading never throws and allocates no more than the input has bytes, and only when the whole of it was well formed.</remarks>
public sealed class CertificateFields
{
    // Bytes of a serial number, and extensions of a certificate, at the most (RFC 5280 section 4.1.2.2; no certificate has near as many).
    private const int MaxSerial = 20;
    private const int MaxExtensions = 32;

    private const int MinRsaBits = 2048;
    private const int MaxRsaBits = 8192;

    private ByteString _names;
    private bool _namesGiven;

    private CertificateFields()
    {
    }

    /// <summary>The issuer's distinguished name in DER, to be compared as bytes.</summary>
    public ByteString Issuer { get; private set; }

    /// <summary>The subject's distinguished name in DER. It says who issued what, never who somebody is.</summary>
    public ByteString Subject { get; private set; }

    /// <summary>From when the certificate is valid.</summary>
    public DateTimeOffset NotBefore { get; private set; }

    /// <summary>Until when, the second included.</summary>
    public DateTimeOffset NotAfter { get; private set; }

    /// <summary>The SubjectPublicKeyInfo in DER, by whose hash authorities are known.</summary>
    public ByteString SubjectPublicKeyInfo { get; private set; }

    /// <summary>The scheme of a key that can be in an MLS leaf: <see langword="null"/> for every other.</summary>
    public SignatureScheme? Scheme { get; private set; }

    /// <summary>The key as MLS has it (RFC 9420 section 5.1.1), an uncompressed point or the bytes of RFC 8032: empty when <see cref="Scheme"/> is null.</summary>
    public ByteString PublicKey { get; private set; }

    /// <summary>Whether the key is of a kind and size that we rely on, RSA for authorities included.</summary>
    public bool IsKeyStrong { get; private set; }

    /// <summary>Whether it is signed by an algorithm that we rely on. SHA-1 is not among those.</summary>
    public bool IsSignatureAlgorithmStrong { get; private set; }

    /// <summary>The scheme of its signature, when it is one of MLS: <see langword="null"/> for every other.</summary>
    public SignatureScheme? SignedBy { get; private set; }

    /// <summary>Whether the basic constraints say that it is a certificate authority.</summary>
    public bool IsAuthority { get; private set; }

    /// <summary>How many authorities may be below it: <see langword="null"/> for any number.</summary>
    public int? PathLength { get; private set; }

    /// <summary>Whether it limits what those below may be: by name constraints, or by constraints or mappings of policies.</summary>
    public bool LimitsThoseBelow { get; private set; }

    /// <summary>Whether a key usage is given at all.</summary>
    public bool HasKeyUsage { get; private set; }

    /// <summary>Whether the key usage has digitalSignature.</summary>
    public bool CanSign { get; private set; }

    /// <summary>Whether the key usage has keyCertSign.</summary>
    public bool CanSignCertificates { get; private set; }

    /// <summary>Whether it may stand for a participant: the extended key usage is absent, or has serverAuth, clientAuth, emailProtection or any.</summary>
    public bool IsForParticipants { get; private set; } = true;

    /// <summary>Whether there is a critical extension that is not understood.</summary>
    public bool HasUnknownCriticalExtension { get; private set; }

    /// <summary>Whether the names of issuer and subject are the same.</summary>
    public bool IsSelfIssued => Issuer == Subject;

    /// <summary>Reads one certificate.</summary>
    /// <param name="der">Any bytes. How many there may be is for the caller to say.</param>
    /// <param name="fields">What it says.</param>
    public static Refusal? Read(ReadOnlySpan<byte> der, out CertificateFields? fields)
    {
        fields = null;
        var read = new CertificateFields();
        if (!DerReader.IsOneElement(der) || !read.ReadCertificate(der))
            return CertificateRules.Encoding;

        fields = read;
        return null;
    }

    /// <summary>The one subject alternative name (RFC 5280 section 4.2.1.6), which is the participant's identity.</summary>
    /// <param name="name">The name.</param>
    /// <returns>A refusal when there is none, more than one of whatever kind, or one that is not in good form.</returns>
    public Refusal? ReadName(out CertifiedName name)
    {
        name = default;
        if (!_namesGiven)
            return CertificateRules.NameCount;

        var names = new DerReader(_names);
        ReadOnlySpan<byte> value = names.ReadAny(out byte tag);
        const byte contextSpecific = 0x80;
        if (!names.Complete || tag is not (contextSpecific | (byte)NameKind.Mailbox) and not (contextSpecific | (byte)NameKind.Dns) and not (contextSpecific | (byte)NameKind.Uri))
            return CertificateRules.NameCount;
        if (CertifiedName.Of((NameKind)(tag & ~contextSpecific), value) is not { } good)
            return CertificateRules.NameForm;

        name = good;
        return null;
    }

    /// <summary>Whether a certificate is signed by the key of its issuer.</summary>
    /// <param name="der">The certificate, which was read before.</param>
    /// <param name="issuer">The key, of the scheme <see cref="SignedBy"/>.</param>
    public static bool VerifySignature(ReadOnlySpan<byte> der, VerifyingKey issuer)
    {
        var outer = new DerReader(der);
        DerReader certificate = outer.ReadNested(DerTag.Sequence);
        ReadOnlySpan<byte> signed = certificate.ReadWhole(DerTag.Sequence);
        certificate.Read(DerTag.Sequence);
        ReadOnlySpan<byte> signature = certificate.ReadByteString();
        return certificate.Complete && issuer.Verify(signed, signature);
    }

    // Certificate ::= SEQUENCE { tbsCertificate, signatureAlgorithm, signatureValue BIT STRING }
    // TBSCertificate ::= SEQUENCE { [0] version, serialNumber, signature, issuer, validity, subject, subjectPublicKeyInfo, [3] extensions }
    private bool ReadCertificate(ReadOnlySpan<byte> der)
    {
        var outer = new DerReader(der);
        DerReader certificate = outer.ReadNested(DerTag.Sequence);
        DerReader tbs = certificate.ReadNested(DerTag.Sequence);
        ReadOnlySpan<byte> algorithm = certificate.Read(DerTag.Sequence);
        certificate.ReadByteString();
        if (!certificate.Complete || !outer.Complete)
            return false;

        const byte version3 = 2;
        if (tbs.Read(DerTag.ConstructedContext0) is not [DerTag.Integer, 1, version3])
            return false;

        ReadOnlySpan<byte> serial = tbs.ReadUnsigned();
        ReadOnlySpan<byte> signedAlgorithm = tbs.Read(DerTag.Sequence);
        ReadOnlySpan<byte> issuer = tbs.ReadWhole(DerTag.Sequence);
        DerReader validity = tbs.ReadNested(DerTag.Sequence);
        NotBefore = validity.ReadTime();
        NotAfter = validity.ReadTime();
        ReadOnlySpan<byte> subject = tbs.ReadWhole(DerTag.Sequence);
        ReadOnlySpan<byte> keyInfo = tbs.ReadWhole(DerTag.Sequence);
        if (tbs.Failed || !validity.Complete || serial.Length > MaxSerial || !signedAlgorithm.SequenceEqual(algorithm) || !ReadKey(keyInfo))
            return false;
        if (!tbs.AtEnd && !ReadExtensions(tbs.Read(DerTag.ConstructedContext3)))
            return false;
        if (!tbs.Complete)
            return false;

        IsSignatureAlgorithmStrong = KnownAlgorithms.IsStrongSignature(algorithm);
        SignedBy = KnownAlgorithms.FindSignatureScheme(algorithm);
        Issuer = ByteString.CopyOf(issuer);
        Subject = ByteString.CopyOf(subject);
        SubjectPublicKeyInfo = ByteString.CopyOf(keyInfo);
        return true;
    }

    // SubjectPublicKeyInfo ::= SEQUENCE { algorithm SEQUENCE { OBJECT IDENTIFIER, parameters }, subjectPublicKey BIT STRING }
    private bool ReadKey(ReadOnlySpan<byte> keyInfo)
    {
        var outer = new DerReader(keyInfo);
        DerReader info = outer.ReadNested(DerTag.Sequence);
        ReadOnlySpan<byte> algorithm = info.Read(DerTag.Sequence);
        ReadOnlySpan<byte> key = info.ReadByteString();
        if (!info.Complete)
            return false;

        if (KnownAlgorithms.IsRsaKey(algorithm))
            return ReadRsaKey(key);
        if (KnownAlgorithms.FindScheme(algorithm) is not { } scheme)
            return true;

        // Points are uncompressed, as in MLS. Whether one is on its curve shows when it is imported.
        bool isPoint = scheme is not (SignatureScheme.Ed25519 or SignatureScheme.Ed448);
        if (key.Length != scheme.PublicKey() || (isPoint && key[0] != 0x04))
            return false;

        Scheme = scheme;
        PublicKey = ByteString.CopyOf(key);
        IsKeyStrong = true;
        return true;
    }

    // RSAPublicKey ::= SEQUENCE { modulus INTEGER, publicExponent INTEGER }
    private bool ReadRsaKey(ReadOnlySpan<byte> key)
    {
        var outer = new DerReader(key);
        DerReader numbers = outer.ReadNested(DerTag.Sequence);
        ReadOnlySpan<byte> modulus = numbers.ReadUnsigned();
        ReadOnlySpan<byte> exponent = numbers.ReadUnsigned();
        if (!numbers.Complete || !outer.Complete)
            return false;

        // A long exponent is nothing but work for who verifies.
        int bits = modulus.IsEmpty ? 0 : (modulus.Length * 8) - byte.LeadingZeroCount(modulus[0]);
        IsKeyStrong = bits is >= MinRsaBits and <= MaxRsaBits && exponent is not ([] or [1] or { Length: > 4 }) && (exponent[^1] & 1) == 1;
        return true;
    }

    // Extensions ::= SEQUENCE OF SEQUENCE { extnID OBJECT IDENTIFIER, critical BOOLEAN DEFAULT FALSE, extnValue OCTET STRING }
    private bool ReadExtensions(ReadOnlySpan<byte> explicitly)
    {
        var outer = new DerReader(explicitly);
        ReadOnlySpan<byte> list = outer.Read(DerTag.Sequence);
        if (!outer.Complete || list.IsEmpty)
            return false;

        var extensions = new DerReader(list);
        for (int count = 0; !extensions.AtEnd; count++)
        {
            int start = extensions.Position;
            DerReader extension = extensions.ReadNested(DerTag.Sequence);
            ReadOnlySpan<byte> id = extension.Read(DerTag.ObjectIdentifier);
            bool isCritical = extension.ReadTrueOrNothing();
            ReadOnlySpan<byte> value = extension.Read(DerTag.OctetString);
            if (!extension.Complete || count == MaxExtensions || HasExtension(list[..start], id) || !ReadExtension(id, isCritical, value))
                return false;
        }

        return extensions.Complete;
    }

    // Of extensions that were read before.
    private static bool HasExtension(ReadOnlySpan<byte> list, ReadOnlySpan<byte> id)
    {
        var extensions = new DerReader(list);
        while (!extensions.AtEnd)
        {
            DerReader extension = extensions.ReadNested(DerTag.Sequence);
            if (extension.Read(DerTag.ObjectIdentifier).SequenceEqual(id))
                return true;
        }

        return false;
    }

    private bool ReadExtension(ReadOnlySpan<byte> id, bool isCritical, ReadOnlySpan<byte> value)
    {
        switch (KnownAlgorithms.FindExtension(id))
        {
            case CertificateExtension.BasicConstraints:
                return ReadBasicConstraints(value);
            case CertificateExtension.KeyUsage:
                return ReadKeyUsage(value);
            case CertificateExtension.ExtendedKeyUsage:
                return ReadExtendedKeyUsage(value);
            case CertificateExtension.SubjectAlternativeName:
                return ReadNames(value);
            case CertificateExtension.Limit:
                LimitsThoseBelow = true;
                return true;
            case CertificateExtension.Policies:
                return true;
            default:
                HasUnknownCriticalExtension |= isCritical;
                return true;
        }
    }

    // BasicConstraints ::= SEQUENCE { cA BOOLEAN DEFAULT FALSE, pathLenConstraint INTEGER OPTIONAL }
    private bool ReadBasicConstraints(ReadOnlySpan<byte> value)
    {
        var outer = new DerReader(value);
        DerReader constraints = outer.ReadNested(DerTag.Sequence);
        IsAuthority = constraints.ReadTrueOrNothing();
        if (!constraints.AtEnd)
            PathLength = constraints.ReadUnsigned() switch { [] => 0, [var length] => length, _ => int.MaxValue };

        return constraints.Complete && outer.Complete;
    }

    // KeyUsage ::= BIT STRING { digitalSignature (0), ..., keyCertSign (5), ..., decipherOnly (8) }
    private bool ReadKeyUsage(ReadOnlySpan<byte> value)
    {
        var outer = new DerReader(value);
        ReadOnlySpan<byte> bits = outer.Read(DerTag.BitString);
        if (!outer.Complete || bits.Length is not (2 or 3) || bits[0] > 7 || (bits[^1] & ((1 << bits[0]) - 1)) != 0)
            return false;

        HasKeyUsage = true;
        CanSign = (bits[1] & 0x80) != 0;
        CanSignCertificates = (bits[1] & 0x04) != 0;
        return true;
    }

    // ExtKeyUsageSyntax ::= SEQUENCE SIZE (1..MAX) OF OBJECT IDENTIFIER
    private bool ReadExtendedKeyUsage(ReadOnlySpan<byte> value)
    {
        var outer = new DerReader(value);
        DerReader purposes = outer.ReadNested(DerTag.Sequence);
        if (purposes.AtEnd)
            return false;

        IsForParticipants = false;
        while (!purposes.AtEnd)
            IsForParticipants |= KnownAlgorithms.IsForParticipants(purposes.Read(DerTag.ObjectIdentifier));

        return purposes.Complete && outer.Complete;
    }

    // SubjectAltName ::= SEQUENCE SIZE (1..MAX) OF GeneralName
    private bool ReadNames(ReadOnlySpan<byte> value)
    {
        if (!DerReader.IsOneElement(value))
            return false;

        var outer = new DerReader(value);
        ReadOnlySpan<byte> names = outer.Read(DerTag.Sequence);
        _names = ByteString.CopyOf(names);
        _namesGiven = !names.IsEmpty;
        return outer.Complete && _namesGiven;
    }
}
