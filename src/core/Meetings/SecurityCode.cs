using System.Buffers.Text;
using System.Globalization;
using RoomAgent.Crypto;
using RoomAgent.Mls;
using RoomAgent.Wire;

namespace RoomAgent.Meetings;

/// <summary>The code by which people compare whether they are in the same group, version 1. Everybody in the same state of the same epoch has the same one.</summary>
/// <remarks>
/// <code>
/// PBKDF2-HMAC-SHA512(epoch_authenticator,
///                    "E2EE Meeting Security Code v1" || 0x00 || u16 suite || u64 epoch || u32 len || group_id, 100000, 64 bytes)
/// </code>
/// Working it out takes a good part of a second on a small board, on purpose: it is done beside the loop that carries media.
/// </remarks>
public sealed class SecurityCode
{
    /// <summary>Groups of five digits.</summary>
    public const int Groups = 12;

    /// <summary>Groups that are shown large; all are on the security page.</summary>
    public const int ShortGroups = 6;

    private const int Iterations = 100_000;
    private const int Size = 64;
    private const int BytesPerGroup = 5;

    private readonly byte[] _output;

    private SecurityCode(ulong epoch, byte[] output)
    {
        Epoch = epoch;
        _output = output;
    }

    /// <summary>The epoch. Codes compare only at the same one.</summary>
    public ulong Epoch { get; }

    /// <summary>The first half, to be shown large: 6 groups of 5 digits with blanks between.</summary>
    public string Short => Text(ShortGroups);

    /// <summary>The whole, for the security page: 12 groups of 5 digits with blanks between.</summary>
    public string Full => Text(Groups);

    /// <summary>The form for machines: <c>v1.</c> and base64url without padding.</summary>
    public string Machine => "v1." + Base64Url.EncodeToString(_output);

    /// <summary>Works a code out.</summary>
    /// <param name="crypto">The primitives.</param>
    /// <param name="suite">The group's suite.</param>
    /// <param name="epoch">The epoch.</param>
    /// <param name="groupId">The group.</param>
    /// <param name="epochAuthenticator">The epoch's authenticator (RFC 9420 section 8.7).</param>
    public static SecurityCode Derive(ICryptoProvider crypto, CipherSuiteId suite, ulong epoch, ByteString groupId, ReadOnlySpan<byte> epochAuthenticator)
    {
        using var salt = WireWriter.Growing();
        salt.WriteBytes("E2EE Meeting Security Code v1\0"u8);
        salt.WriteUInt16((ushort)suite);
        salt.WriteUInt64(epoch);
        salt.WriteUInt32((uint)groupId.Length);
        salt.WriteBytes(groupId);
        byte[] output = new byte[Size];
        crypto.Pbkdf2(HashAlgorithm.Sha512, epochAuthenticator, salt.Written, Iterations, output);
        return new SecurityCode(epoch, output);
    }

    /// <summary>Whether both are the same, in a time that does not depend on where they differ.</summary>
    public bool Matches(SecurityCode other) =>
        Epoch == other.Epoch && System.Security.Cryptography.CryptographicOperations.FixedTimeEquals(_output, other._output);

    /// <summary>Only the epoch: who has the code of a meeting can pretend to be in it.</summary>
    public override string ToString() => $"security code of epoch {Epoch}";

    // Each group is 5 bytes, most significant first, mod 100,000.
    private string Text(int groups)
    {
        var words = new string[groups];
        for (int i = 0; i < groups; i++)
        {
            ulong value = 0;
            foreach (byte next in _output.AsSpan(i * BytesPerGroup, BytesPerGroup))
                value = (value << 8) | next;
            words[i] = (value % 100_000).ToString("D5", CultureInfo.InvariantCulture);
        }

        return string.Join(' ', words);
    }
}
