using System.Buffers.Binary;
using RoomAgent.Crypto;
using RoomAgent.Wire;

namespace RoomAgent.Mls;

/// <summary>Encrypts and decrypts PrivateMessages (RFC 9420 section 6.3).</summary>
internal static class MessageProtection
{
    private const int ReuseGuardSize = 4;

    /// <summary>Encrypts a signed message as the next of its sender.</summary>
    /// <param name="suite">The group's suite.</param>
    /// <param name="senderDataSecret">The epoch's sender_data_secret.</param>
    /// <param name="tree">The epoch's message keys, of which one is used.</param>
    /// <param name="content">A message of a member.</param>
    /// <param name="padding">Zero bytes to hide the length behind.</param>
    /// <param name="random">Where the reuse guard comes from.</param>
    public static PrivateMessage Protect(CipherSuite suite, Secret senderDataSecret, SecretTree tree, AuthenticatedContent content, int padding, IRandom random)
    {
        FramedContent framed = content.Content;
        (uint generation, MessageKey key) = tree.Next(framed.Sender.Leaf, framed.ContentType);
        Span<byte> reuseGuard = stackalloc byte[ReuseGuardSize];
        random.Fill(reuseGuard);

        // PrivateMessageContent: the content, its authentication, and zeros
        var plaintext = WireWriter.Growing(512);
        framed.WriteContent(ref plaintext);
        content.WriteAuth(ref plaintext);
        plaintext.Reserve(padding).Clear();

        byte[] ciphertext = new byte[plaintext.Length + Sizes.AeadTag];
        Span<byte> nonce = stackalloc byte[Sizes.AeadNonce];
        GuardNonce(key.Nonce, reuseGuard, nonce);
        Seal(suite, key.Key, nonce, ContentAad(framed.GroupId, framed.Epoch, framed.ContentType, framed.AuthenticatedData), plaintext.Written, ciphertext);
        plaintext.Dispose();
        key.Dispose();

        // struct { uint32 leaf_index; uint32 generation; opaque reuse_guard[4]; } SenderData
        Span<byte> senderData = stackalloc byte[12];
        BinaryPrimitives.WriteUInt32BigEndian(senderData, framed.Sender.Index);
        BinaryPrimitives.WriteUInt32BigEndian(senderData[4..], generation);
        reuseGuard.CopyTo(senderData[8..]);
        byte[] encryptedSenderData = new byte[senderData.Length + Sizes.AeadTag];
        using (MessageKey senderDataKey = SenderDataKey(suite, senderDataSecret, ciphertext))
            Seal(suite, senderDataKey.Key, senderDataKey.Nonce, SenderDataAad(framed.GroupId, framed.Epoch, framed.ContentType), senderData, encryptedSenderData);

        return new PrivateMessage(
            framed.GroupId,
            framed.Epoch,
            framed.ContentType,
            framed.AuthenticatedData,
            ByteString.Owning(encryptedSenderData),
            ByteString.Owning(ciphertext));
    }

    /// <summary>Decrypts a message. Its signature is not checked yet: the key is used when it is.</summary>
    /// <param name="suite">The group's suite.</param>
    /// <param name="senderDataSecret">The sender_data_secret of the epoch that the message names.</param>
    /// <param name="tree">That epoch's message keys.</param>
    /// <param name="self">Our own leaf, whose messages nobody decrypts: their keys were used when they were made.</param>
    /// <param name="message">A message of that group and epoch.</param>
    /// <param name="content">What it carries.</param>
    /// <param name="taken">The key that opened it.</param>
    public static Refusal? Unprotect(
        CipherSuite suite,
        Secret senderDataSecret,
        SecretTree tree,
        LeafIndex? self,
        PrivateMessage message,
        out AuthenticatedContent? content,
        out TakenKey? taken)
    {
        content = null;
        taken = null;

        Span<byte> senderData = stackalloc byte[12];
        if (message.EncryptedSenderData.Length != senderData.Length + Sizes.AeadTag)
            return Rules.SenderData;

        using (MessageKey senderDataKey = SenderDataKey(suite, senderDataSecret, message.Ciphertext))
        {
            if (!TryOpen(suite, senderDataKey.Key, senderDataKey.Nonce, SenderDataAad(message.GroupId, message.Epoch, message.ContentType), message.EncryptedSenderData, senderData))
                return Rules.SenderData;
        }

        var sender = new LeafIndex(BinaryPrimitives.ReadUInt32BigEndian(senderData));
        uint generation = BinaryPrimitives.ReadUInt32BigEndian(senderData[4..]);
        if (sender == self)
            return Rules.OwnMessage;

        TakenKey? found = tree.Take(sender, message.ContentType, generation);
        if (found is null)
            return Rules.Generation;

        Span<byte> nonce = stackalloc byte[Sizes.AeadNonce];
        GuardNonce(found.Key.Nonce, senderData[8..], nonce);
        byte[] plaintext = new byte[Math.Max(0, message.Ciphertext.Length - Sizes.AeadTag)];
        if (!TryOpen(suite, found.Key.Key, nonce, ContentAad(message.GroupId, message.Epoch, message.ContentType, message.AuthenticatedData), message.Ciphertext, plaintext))
        {
            found.Dispose();
            return Rules.MessageDecryption;
        }

        content = ReadContent(message, sender, plaintext);
        if (content is null)
        {
            found.Dispose();
            return Rules.MessageEncoding;
        }

        taken = found;
        return null;
    }

    private static AuthenticatedContent? ReadContent(PrivateMessage message, LeafIndex sender, ReadOnlySpan<byte> plaintext)
    {
        var reader = new WireReader(plaintext);
        object body = FramedContent.ReadContent(ref reader, message.ContentType);
        ByteString signature = reader.ReadBytes();
        ByteString confirmationTag = message.ContentType == ContentType.Commit ? reader.ReadBytes() : default;
        if (reader.ReadRest().ContainsAnyExcept((byte)0) || reader.Failed)
            return null;

        var framed = new FramedContent(message.GroupId, message.Epoch, Sender.Member(sender), message.AuthenticatedData, message.ContentType, body);
        return new AuthenticatedContent(WireFormat.PrivateMessage, framed, signature, confirmationTag);
    }

    // The first Nh bytes of the ciphertext are the sample (section 6.3.2).
    internal static MessageKey SenderDataKey(CipherSuite suite, Secret senderDataSecret, ReadOnlySpan<byte> ciphertext)
    {
        ReadOnlySpan<byte> sample = ciphertext[..Math.Min(ciphertext.Length, suite.HashSize)];
        var key = new Secret(suite.Aead.Key());
        var nonce = new Secret(Sizes.AeadNonce);
        suite.ExpandWithLabel(senderDataSecret.Bytes, "key"u8, sample, key.Buffer);
        suite.ExpandWithLabel(senderDataSecret.Bytes, "nonce"u8, sample, nonce.Buffer);
        return new MessageKey(key, nonce);
    }

    private static void GuardNonce(ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> reuseGuard, Span<byte> guarded)
    {
        nonce.CopyTo(guarded);
        for (int i = 0; i < ReuseGuardSize; i++)
            guarded[i] ^= reuseGuard[i];
    }

    private static byte[] ContentAad(ByteString groupId, ulong epoch, ContentType type, ByteString authenticatedData)
    {
        var aad = WireWriter.Growing();
        WriteAad(ref aad, groupId, epoch, type);
        aad.WriteVector(authenticatedData);
        byte[] bytes = aad.ToArray();
        aad.Dispose();
        return bytes;
    }

    private static byte[] SenderDataAad(ByteString groupId, ulong epoch, ContentType type)
    {
        var aad = WireWriter.Growing();
        WriteAad(ref aad, groupId, epoch, type);
        byte[] bytes = aad.ToArray();
        aad.Dispose();
        return bytes;
    }

    private static void WriteAad(ref WireWriter aad, ByteString groupId, ulong epoch, ContentType type)
    {
        aad.WriteVector(groupId);
        aad.WriteUInt64(epoch);
        aad.WriteUInt8((byte)type);
    }

    private static void Seal(CipherSuite suite, ReadOnlySpan<byte> key, ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> aad, ReadOnlySpan<byte> plaintext, Span<byte> ciphertext)
    {
        using Aead aead = suite.Crypto.CreateAead(suite.Aead, key)!;
        aead.Seal(nonce, aad, plaintext, ciphertext);
    }

    private static bool TryOpen(CipherSuite suite, ReadOnlySpan<byte> key, ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> aad, ReadOnlySpan<byte> ciphertext, Span<byte> plaintext)
    {
        using Aead aead = suite.Crypto.CreateAead(suite.Aead, key)!;
        return aead.TryOpen(nonce, aad, ciphertext, plaintext);
    }
}
