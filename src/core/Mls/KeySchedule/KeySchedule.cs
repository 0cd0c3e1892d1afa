using RoomAgent.Crypto;
using RoomAgent.Wire;

namespace RoomAgent.Mls;

/// <summary>The secrets of one epoch (RFC 9420 section 8). Disposing of it zeroes them.</summary>
internal sealed class EpochSecrets : IDisposable
{
    private readonly CipherSuite _suite;
    private readonly Secret _exporterSecret;
    private readonly Secret _externalSecret;

    private EpochSecrets(CipherSuite suite, ReadOnlySpan<byte> epochSecret)
    {
        _suite = suite;
        SenderDataSecret = suite.DeriveSecret(epochSecret, "sender data"u8);
        EncryptionSecret = suite.DeriveSecret(epochSecret, "encryption"u8);
        _exporterSecret = suite.DeriveSecret(epochSecret, "exporter"u8);
        _externalSecret = suite.DeriveSecret(epochSecret, "external"u8);
        ConfirmationKey = suite.DeriveSecret(epochSecret, "confirm"u8);
        MembershipKey = suite.DeriveSecret(epochSecret, "membership"u8);
        ResumptionPsk = suite.DeriveSecret(epochSecret, "resumption"u8);
        EpochAuthenticator = suite.DeriveSecret(epochSecret, "authentication"u8);
        InitSecret = suite.DeriveSecret(epochSecret, "init"u8);
    }

    public Secret SenderDataSecret { get; }

    public Secret EncryptionSecret { get; }

    public Secret ConfirmationKey { get; }

    public Secret MembershipKey { get; }

    public Secret ResumptionPsk { get; }

    public Secret EpochAuthenticator { get; }

    public Secret InitSecret { get; }

    /// <summary>For vectors: the exporter secret itself.</summary>
    public Secret ExporterSecret => _exporterSecret;

    /// <summary>For vectors: the external secret itself.</summary>
    public Secret ExternalSecret => _externalSecret;

    /// <summary>
    /// <code>
    ///                  init_secret_[n-1]
    ///                        |
    ///   commit_secret --> KDF.Extract
    ///                        |
    ///              ExpandWithLabel(., "joiner", GroupContext_[n], KDF.Nh)
    ///                        |
    ///                  joiner_secret
    /// </code>
    /// </summary>
    public static Secret JoinerSecret(CipherSuite suite, Secret initSecret, ReadOnlySpan<byte> commitSecret, ByteString groupContext)
    {
        using Secret extracted = suite.Extract(initSecret.Bytes, commitSecret);
        var joinerSecret = new Secret(suite.HashSize);
        suite.ExpandWithLabel(extracted.Bytes, "joiner"u8, groupContext, joinerSecret.Buffer);
        return joinerSecret;
    }

    /// <summary>The secret that encrypts the GroupInfo of a Welcome.</summary>
    public static Secret WelcomeSecret(CipherSuite suite, Secret joinerSecret, Secret pskSecret)
    {
        using Secret memberSecret = suite.Extract(joinerSecret.Bytes, pskSecret.Bytes);
        return suite.DeriveSecret(memberSecret.Bytes, "welcome"u8);
    }

    /// <summary>
    /// <code>
    ///                  joiner_secret
    ///                        |
    ///     psk_secret --> KDF.Extract
    ///                        |
    ///              ExpandWithLabel(., "epoch", GroupContext_[n], KDF.Nh)
    ///                        |
    ///                  epoch_secret --> the rest
    /// </code>
    /// </summary>
    public static EpochSecrets FromJoinerSecret(CipherSuite suite, Secret joinerSecret, Secret pskSecret, ByteString groupContext)
    {
        using Secret memberSecret = suite.Extract(joinerSecret.Bytes, pskSecret.Bytes);
        using var epochSecret = new Secret(suite.HashSize);
        suite.ExpandWithLabel(memberSecret.Bytes, "epoch"u8, groupContext, epochSecret.Buffer);
        return new EpochSecrets(suite, epochSecret.Bytes);
    }

    /// <summary>The secrets of the first epoch of a new group, whose epoch secret is random (section 11).</summary>
    public static EpochSecrets FromEpochSecret(CipherSuite suite, Secret epochSecret) => new(suite, epochSecret.Bytes);

    /// <summary>The key pair that external commits are encrypted to (section 8.3).</summary>
    public KemPrivateKey ExternalKeyPair() => _suite.Hpke.DeriveKeyPair(_externalSecret.Bytes);

    /// <summary>MLS-Exporter (section 8.5).</summary>
    public void Export(ReadOnlySpan<byte> label, ReadOnlySpan<byte> context, Span<byte> output)
    {
        using Secret derived = _suite.DeriveSecret(_exporterSecret.Bytes, label);
        _suite.ExpandWithLabel(derived.Bytes, "exported"u8, _suite.HashOf(context), output);
    }

    /// <summary>Zeroes all but what messages that are late need.</summary>
    public void DisposeAllButSenderData()
    {
        EncryptionSecret.Dispose();
        _exporterSecret.Dispose();
        _externalSecret.Dispose();
        ConfirmationKey.Dispose();
        MembershipKey.Dispose();
        ResumptionPsk.Dispose();
        EpochAuthenticator.Dispose();
        InitSecret.Dispose();
    }

    public void Dispose()
    {
        SenderDataSecret.Dispose();
        DisposeAllButSenderData();
    }
}

/// <summary>The chain of pre-shared keys of an epoch (RFC 9420 section 8.4).</summary>
internal static class PskSecret
{
    /// <summary>psk_secret: zeros when there are none.</summary>
    public static Secret Compute(CipherSuite suite, IReadOnlyList<(PreSharedKeyId Id, Secret Value)> psks)
    {
        var pskSecret = new Secret(suite.HashSize);
        using var zero = new Secret(suite.HashSize);
        using var input = new Secret(suite.HashSize);
        for (int i = 0; i < psks.Count; i++)
        {
            // struct { PreSharedKeyID id; uint16 index; uint16 count; } PSKLabel
            var label = WireWriter.Growing();
            ((IStructure)psks[i].Id).Write(ref label);
            label.WriteUInt16(checked((ushort)i));
            label.WriteUInt16(checked((ushort)psks.Count));

            using Secret extracted = suite.Extract(zero.Bytes, psks[i].Value.Bytes);
            suite.ExpandWithLabel(extracted.Bytes, "derived psk"u8, label.Written, input.Buffer);
            label.Dispose();

            Secret next = suite.Extract(input.Bytes, pskSecret.Bytes);
            pskSecret.Dispose();
            pskSecret = next;
        }

        return pskSecret;
    }
}

/// <summary>The two transcript hashes (RFC 9420 section 8.2).</summary>
internal static class Transcript
{
    /// <summary>confirmed_transcript_hash after <paramref name="commit"/>.</summary>
    public static ByteString Confirmed(CipherSuite suite, ByteString interimBefore, AuthenticatedContent commit)
    {
        var input = WireWriter.Growing(1024);
        input.WriteBytes(interimBefore);
        input.WriteUInt16((ushort)commit.WireFormat);
        commit.Content.Write(ref input);
        input.WriteVector(commit.Signature);
        ByteString hash = suite.HashOf(input.Written);
        input.Dispose();
        return hash;
    }

    /// <summary>interim_transcript_hash once the commit's confirmation tag is known.</summary>
    public static ByteString Interim(CipherSuite suite, ByteString confirmed, ByteString confirmationTag)
    {
        var input = WireWriter.Growing();
        input.WriteBytes(confirmed);
        input.WriteVector(confirmationTag);
        ByteString hash = suite.HashOf(input.Written);
        input.Dispose();
        return hash;
    }
}
