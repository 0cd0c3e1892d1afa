using System.Text.Json;
using RoomAgent.Crypto;
using RoomAgent.Testing;
using RoomAgent.Wire;
using static RoomAgent.Mls.Tests.Vectors.VectorFile;

namespace RoomAgent.Mls.Tests.Vectors;

/// <summary>Vectors of messages and their protection.</summary>
public sealed class MessageVectorTests
{
    [Fact]
    public void MessagesReencodeToTheByte() => ForEachCase(["mls_welcome", "ratchet_tree", "group_secrets"], vector =>
    {
        foreach (string name in (string[])["mls_welcome", "mls_group_info", "mls_key_package", "public_message_application", "public_message_proposal", "public_message_commit", "private_message"])
            AssertReencodes(vector, name, bytes => Convert.ToHexStringLower(MlsMessage.Decode(bytes)!.Encode()));
        foreach (string name in (string[])["add", "update", "remove", "pre_shared_key", "re_init", "external_init", "group_context_extensions"])
            AssertReencodes(vector, $"{name}_proposal", bytes => ReencodeProposalBody(name, bytes));
        AssertReencodes(vector, "group_secrets", bytes => Structure.Decode(bytes, GroupSecrets.Read)!.Encode().ToString());
        AssertReencodes(vector, "commit", bytes => Structure.Decode(bytes, Commit.Read)!.Encode().ToString());
    });

    [Fact]
    public void MessagesAreProtectedAndUnprotected() => ForEachCase(["proposal_priv", "commit_pub", "application_priv"], vector =>
    {
        CipherSuite suite = vector.Suite();
        var context = new GroupContext(suite.Id, vector.ByteString("group_id"), vector.GetProperty("epoch").GetUInt64(), vector.ByteString("tree_hash"), vector.ByteString("confirmed_transcript_hash"), []);
        using VerifyingKey verifying = suite.Crypto.ImportVerifyingKey(suite.Signature, vector.Bytes("signature_pub"))!;
        using SigningKey signing = vector.SigningKey(suite, "signature_priv");
        using Secret senderDataSecret = vector.Secret("sender_data_secret");

        AuthenticatedContent Open(MlsMessage message)
        {
            using var tree = new SecretTree(suite, vector.Bytes("encryption_secret"), 2, RatchetWindow.Default);
            Assert.Null(MessageProtection.Unprotect(suite, senderDataSecret, tree, self: null, message.PrivateMessage!, out AuthenticatedContent? content, out TakenKey? taken));
            taken!.Dispose();
            Assert.True(content!.VerifySignature(verifying, context));
            return content;
        }

        MlsMessage Close(AuthenticatedContent content)
        {
            using var tree = new SecretTree(suite, vector.Bytes("encryption_secret"), 2, RatchetWindow.Default);
            return MlsMessage.Of(MessageProtection.Protect(suite, senderDataSecret, tree, content, padding: 7, new SeededRandom(1)));
        }

        foreach (string name in (string[])["proposal", "commit", "application"])
        {
            AuthenticatedContent content = Open(MlsMessage.Decode(vector.Bytes($"{name}_priv"))!);
            Assert.Equal(vector.Text(name), Body(content));

            AuthenticatedContent ours = AuthenticatedContent.Sign(suite, WireFormat.PrivateMessage, content.Content, signing, context) with { ConfirmationTag = content.ConfirmationTag };
            Assert.Equal(vector.Text(name), Body(Open(MlsMessage.Decode(Close(ours).Encode())!)));

            if (name == "application")
                continue;

            PublicMessage message = MlsMessage.Decode(vector.Bytes($"{name}_pub"))!.PublicMessage!;
            Assert.True(message.Content.VerifyMembershipTag(suite, vector.Bytes("membership_key"), context, message.MembershipTag));
            Assert.True(message.Content.VerifySignature(verifying, context));
            Assert.Equal(vector.Text(name), Body(message.Content));
            Assert.Equal(message.MembershipTag, message.Content.MembershipTag(suite, vector.Bytes("membership_key"), context));
        }
    });

    private static string Body(AuthenticatedContent content) =>
        content.Content.Content is ByteString data ? data.ToString() : ((IStructure)content.Content.Content).Encode().ToString();

    private static void AssertReencodes(JsonElement vector, string name, Func<byte[], string> reencode)
    {
        byte[] bytes = vector.Bytes(name);
        Assert.Equal(vector.Text(name), reencode(bytes));
    }

    // The files hold the body of a proposal without its type.
    private static string ReencodeProposalBody(string name, byte[] body)
    {
        ushort type = (ushort)Enum.Parse<ProposalType>(name.Replace("_", ""), ignoreCase: true);
        Proposal proposal = Structure.Decode([(byte)(type >> 8), (byte)type, .. body], Proposal.Read)!;
        return proposal.Encode().ToString()[4..];
    }
}
