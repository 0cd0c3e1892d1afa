using RoomAgent.Wire;

namespace RoomAgent.Mls;

/// <summary>The public half of an epoch, which anyone can follow who sees the handshakes. A value.</summary>
internal sealed record GroupState(
    CipherSuite Suite,
    GroupContext Context,
    RatchetTree Tree,
    MemberIndex Index,
    ByteString InterimTranscriptHash,
    ByteString ConfirmationTag)
{
    public RequiredCapabilities? RequiredCapabilities =>
        Context.Extensions.TryFind(ExtensionType.RequiredCapabilities, out Extension? extension)
            ? Structure.Decode(extension.Data, Mls.RequiredCapabilities.Read)
            : null;

    public IReadOnlyList<ExternalSender> ExternalSenders =>
        Context.Extensions.TryFind(ExtensionType.ExternalSenders, out Extension? extension) ? ExternalSender.Decode(extension.Data) ?? [] : [];
}
