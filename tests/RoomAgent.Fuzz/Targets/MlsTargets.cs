using RoomAgent.Mls;
using RoomAgent.Native.OpenSsl;
using RoomAgent.Wire;

namespace RoomAgent.Fuzz.Targets;

/// <summary>Everything in MLS that reads bytes of others: decoders, whose result must encode to the same bytes again, and groups that receive.</summary>
internal static class MlsTargets
{
    private static readonly CipherSuite s_suite = CipherSuite.Find(OpenSslCrypto.Instance, CipherSuiteId.X25519Aes128GcmSha256Ed25519)!;
    private static readonly GroupTime s_time = new(new Instant(1), new DateTimeOffset(2026, 11, 22, 0, 0, 0, TimeSpan.Zero));
    private static readonly Lazy<MlsScene> s_scene = new(() => new MlsScene());

    /// <summary>A message as it travels.</summary>
    public static FuzzTarget Message { get; } = new("mls-message", input =>
    {
        if (MlsMessage.Decode(input) is { } message)
            RequireSame(input, message.Encode());
    }, () => Scene.Messages.Select(message => message.Encode()));

    /// <summary>A key package, up to its signatures.</summary>
    public static FuzzTarget KeyPackage { get; } = new("mls-key-package", input =>
    {
        if (Decode(input, Mls.KeyPackage.Read) is { } keyPackage)
            LeafRules.Check(s_suite, keyPackage, MlsEveryone.Instance, s_time.Date, out _);
    }, () => [Scene.KeyPackage.KeyPackage.Encode().ToArray(), Scene.CarolsKeyPackage.KeyPackage.Encode().ToArray()]);

    /// <summary>A ratchet tree, and what a joiner checks in it.</summary>
    public static FuzzTarget Tree { get; } = new("mls-tree", input =>
    {
        if (RatchetTree.Decode(s_suite, input, out RatchetTree? tree) is null && tree!.ValidateParents() is null)
            RequireSame(input, tree.Encode());
    }, () => [Scene.Alice.EncodeTree().ToArray(), Scene.Pending.Tree.ToArray()]);

    /// <summary>The secrets of a Welcome.</summary>
    public static FuzzTarget GroupSecrets { get; } = new("mls-group-secrets", input => Decode(input, Mls.GroupSecrets.Read), () => [Scene.Secrets.Encode().ToArray()]);

    /// <summary>A GroupInfo that its signer signs whatever it says, to one who joins by it.</summary>
    public static FuzzTarget GroupInfo { get; } = new("mls-group-info", input =>
    {
        if (Decode(input, Mls.GroupInfo.Read) is { } info)
            GroupInfoRules.Check(s_suite, Mls.GroupInfo.Sign(s_suite, info, Scene.AliceClient.SigningKey), [], MlsEveryone.Instance, s_time.Date, out _);
    }, () => [Scene.Alice.CreateGroupInfo().Encode().ToArray()]);

    /// <summary>A proposal of any kind.</summary>
    public static FuzzTarget Proposal { get; } = new("mls-proposal", input => Decode(input, Mls.Proposal.Read), () => Scene.Proposals.Select(p => p.Encode().ToArray()));

    /// <summary>A commit with its path.</summary>
    public static FuzzTarget Commit { get; } = new("mls-commit", input => Decode(input, Mls.Commit.Read), () => [Scene.CommitContent.Encode().ToArray()]);

    /// <summary>The data of the required_capabilities extension.</summary>
    public static FuzzTarget RequiredCapabilities { get; } =
        new("mls-required-capabilities", input => Decode(input, Mls.RequiredCapabilities.Read), () => [new RequiredCapabilities([10, 0xf001], [8], [1, 2]).Encode().ToArray()]);

    /// <summary>The data of the external_senders extension.</summary>
    public static FuzzTarget ExternalSenders { get; } = new("mls-external-senders", input =>
    {
        if (ExternalSender.Decode(ByteString.CopyOf(input)) is { } senders)
            RequireSame(input, ExternalSender.ToExtension(senders).Data);
    }, () => [Scene.Senders.Data.ToArray()]);

    /// <summary>A Welcome to its joiner.</summary>
    public static FuzzTarget Join { get; } = new("mls-join", input =>
    {
        if (MlsMessage.Decode(input)?.Welcome is { } welcome)
            Group.Join(Scene.CarolClient, welcome, Scene.CarolsKeyPackage, default, new GroupSettings(), s_time, null, out _);
    }, () => [MlsMessage.Of(Scene.Pending.Welcome!).Encode()]);

    /// <summary>Messages from outside to a member.</summary>
    public static FuzzTarget Receive { get; } = new("mls-receive", input =>
    {
        if (MlsMessage.Decode(input) is { } message)
            Take(message);
    }, () => Scene.Messages.Select(message => message.Encode()));

    /// <summary>The content of a handshake, signed and tagged by a member whatever it says.</summary>
    public static FuzzTarget Insider { get; } = new("mls-insider", input =>
    {
        if (Decode(input, FramedContent.Read) is not { } content)
            return;

        AuthenticatedContent signed = AuthenticatedContent.Sign(s_suite, WireFormat.PublicMessage, content, Scene.BobClient.SigningKey, Scene.Bob.Context)
            with { ConfirmationTag = Scene.CommitTag };
        Take(MlsMessage.Of(new PublicMessage(signed, signed.MembershipTag(s_suite, Scene.MembershipKey, Scene.Bob.Context))));
    }, () => Scene.Handshakes.Select(content => content.Encode().ToArray()));

    /// <summary>The plaintext of a private message, encrypted by a member whatever it is.</summary>
    public static FuzzTarget PrivateContent { get; } = new("mls-private-content", input => Take(MlsMessage.Of(Scene.Encrypt(input))), () => [Scene.Plaintext]);

    private static MlsScene Scene => s_scene.Value;

    private static T? Decode<T>(ReadOnlySpan<byte> input, Structure.Reader<T> read)
        where T : class, IStructure
    {
        T? structure = Structure.Decode(input, read);
        if (structure is not null)
            RequireSame(input, structure.Encode());
        return structure;
    }

    private static void RequireSame(ReadOnlySpan<byte> input, ReadOnlySpan<byte> encoded)
    {
        if (!input.SequenceEqual(encoded))
            throw new InvalidDataException("What was decoded encodes to other bytes.");
    }

    // A refused message changes nothing, and a commit is dropped.
    private static void Take(MlsMessage message)
    {
        ulong epoch = Scene.Alice.Epoch;
        Scene.Alice.Receive(message, s_time, out Received? received);
        if (received is CommitMessage { Staged: var staged })
            staged.Dispose();
        if (Scene.Alice.Epoch != epoch)
            throw new InvalidOperationException("A message changed the epoch.");
    }
}
