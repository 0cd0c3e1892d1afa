using RoomAgent.Crypto;
using RoomAgent.Wire;

namespace RoomAgent.Mls;

/// <summary>Proposals of those who are not members (RFC 9420 section 12.1.8). They are signed and travel in the open.</summary>
public static class ExternalProposal
{
    /// <summary>A proposal of one whom the group's external_senders extension lists.</summary>
    /// <param name="suite">The group's suite.</param>
    /// <param name="groupId">The group.</param>
    /// <param name="epoch">Its present epoch.</param>
    /// <param name="proposal">An Add, Remove, PreSharedKey, ReInit or GroupContextExtensions.</param>
    /// <param name="senderIndex">The place in the list.</param>
    /// <param name="key">The key that the list has there.</param>
    public static MlsMessage Create(CipherSuite suite, ByteString groupId, ulong epoch, Proposal proposal, uint senderIndex, SigningKey key) =>
        Sign(suite, groupId, epoch, proposal, new Sender(SenderType.External, senderIndex), key);

    /// <summary>The request of a client to be added.</summary>
    /// <param name="client">The client.</param>
    /// <param name="groupId">The group.</param>
    /// <param name="epoch">Its present epoch.</param>
    /// <param name="keyPackage">A key package of the client's.</param>
    public static MlsMessage AskToJoin(MlsClient client, ByteString groupId, ulong epoch, OwnKeyPackage keyPackage) =>
        Sign(client.Suite, groupId, epoch, new AddProposal(keyPackage.KeyPackage), new Sender(SenderType.NewMemberProposal, 0), client.SigningKey);

    private static MlsMessage Sign(CipherSuite suite, ByteString groupId, ulong epoch, Proposal proposal, Sender sender, SigningKey key)
    {
        var framed = new FramedContent(groupId, epoch, sender, default, ContentType.Proposal, proposal);
        return MlsMessage.Of(new PublicMessage(AuthenticatedContent.Sign(suite, WireFormat.PublicMessage, framed, key, context: null), default));
    }
}
