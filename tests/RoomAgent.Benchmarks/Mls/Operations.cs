using RoomAgent.Mls;

namespace RoomAgent.Benchmarks.Mls;

/// <summary>
/// One operation on a group of <c>N</c> members, from bytes to bytes: what is sent is encoded, what came is decoded. Each call starts from the same epoch.
/// </summary>
internal static class Operations
{
    public static TimeSpan KeyPackage()
    {
        MlsClient client = BuiltGroup.NewClient("joiner");
        return ThreadTime.Median(
            () => client,
            c =>
            {
                OwnKeyPackage own = c.CreateKeyPackage(BuiltGroup.Lifetime);
                MlsMessage.Of(own.KeyPackage).Encode();
                return own;
            },
            (_, own) => own.Dispose());
    }

    /// <summary>Commit that somebody comes in, and welcome it with the tree inside.</summary>
    public static TimeSpan Add(Group committer, bool withPath) => Commit(committer, new CommitOptions { Proposals = [NewAdd("joiner").Proposal], ForcePath = withPath });

    public static TimeSpan Update(Group committer) => Commit(committer, new CommitOptions());

    public static TimeSpan Remove(Group committer, int leaf) => Commit(committer, new CommitOptions { Proposals = [new RemoveProposal(new LeafIndex((uint)leaf))] });

    /// <summary>A founder adds all the others by one commit.</summary>
    public static TimeSpan AddAll(int members)
    {
        AddProposal[] adds = [.. Enumerable.Range(1, members - 1).Select(i => NewAdd($"member {i}").Proposal)];
        Group founder = new BuiltGroup(1, TreeKind.Full).Member(0);
        return Commit(founder, new CommitOptions(), () => [.. adds.Select(Fresh)]);
    }

    public static TimeSpan Process(Group receiver, byte[] message) => ThreadTime.Median(
        () => message,
        bytes =>
        {
            Require(receiver.Receive(MlsMessage.Decode(bytes)!, BuiltGroup.Time, out Received? received));
            return ((CommitMessage)received!).Staged;
        },
        (_, staged) => staged.Dispose());

    /// <summary>Join a group as its last member, by a Welcome with the tree inside.</summary>
    public static TimeSpan Join(Group committer) => ThreadTime.Median(
        () =>
        {
            (MlsClient client, OwnKeyPackage own, AddProposal add) = NewAdd("joiner");
            Require(committer.Commit(new CommitOptions { Proposals = [add], ForcePath = true }, BuiltGroup.Time, out PendingCommit? pending));
            using (pending)
                return (Client: client, Own: own, Welcome: MlsMessage.Of(pending!.Welcome!).Encode());
        },
        joiner =>
        {
            Require(Group.Join(joiner.Client, MlsMessage.Decode(joiner.Welcome)!.Welcome!, joiner.Own, [], new GroupSettings(), BuiltGroup.Time, null, out Group? group));
            return group!;
        },
        (joiner, group) =>
        {
            group.Dispose();
            joiner.Own.Dispose();
        });

    public static TimeSpan Export(Group member)
    {
        byte[] output = new byte[32];
        return ThreadTime.Median(
            () => member,
            group =>
            {
                for (int i = 0; i < 100; i++)
                    group.Export("SFrame 1.0 Base Key"u8, [], output);
                return output;
            },
            (_, _) => { }) / 100;
    }

    /// <summary>The bytes of a commit, for others to process.</summary>
    public static byte[] MessageOf(Group committer, CommitOptions options)
    {
        Require(committer.Commit(options, BuiltGroup.Time, out PendingCommit? pending));
        using (pending)
            return pending!.Message.Encode();
    }

    public static (MlsClient Client, OwnKeyPackage Own, AddProposal Proposal) NewAdd(string name)
    {
        MlsClient client = BuiltGroup.NewClient(name);
        OwnKeyPackage own = client.CreateKeyPackage(BuiltGroup.Lifetime);
        return (client, own, Fresh(new AddProposal(own.KeyPackage)));
    }

    private static TimeSpan Commit(Group committer, CommitOptions options) => Commit(committer, options, () => [.. options.Proposals.Select(p => p is AddProposal add ? Fresh(add) : p)]);

    private static TimeSpan Commit(Group committer, CommitOptions options, Func<Proposal[]> proposals) => ThreadTime.Median(
        () => options with { Proposals = proposals() },
        with =>
        {
            Require(committer.Commit(with, BuiltGroup.Time, out PendingCommit? pending));
            byte[] message = pending!.Message.Encode();
            byte[] welcome = pending.Welcome is null ? [] : MlsMessage.Of(pending.Welcome).Encode();
            return (pending, message, welcome);
        },
        (_, result) => result.pending.Dispose());

    // As it comes from the wire: nothing is known about its keys yet.
    private static AddProposal Fresh(AddProposal add) => new(MlsMessage.Decode(MlsMessage.Of(add.KeyPackage).Encode())!.KeyPackage!);

    private static void Require(Refusal? refusal)
    {
        if (refusal is not null)
            throw new InvalidOperationException(refusal.ToString());
    }
}
