using RoomAgent.Wire;
using static RoomAgent.Mls.Tests.TestClients;

namespace RoomAgent.Mls.Tests;

/// <summary>One who takes part in a group of a test.</summary>
internal sealed record Member(MlsClient Client, Group Group)
{
    public LeafIndex Leaf => Group.Self;

    /// <summary>All that a member can see of its group, to compare before and after.</summary>
    public string Snapshot()
    {
        Span<byte> exported = stackalloc byte[16];
        Group.Export("snapshot"u8, [], exported);
        string proposals = string.Join(",", Group.Proposals.Select(p => p.Reference).Order(Comparer<ByteString>.Create((a, b) => a.Span.SequenceCompareTo(b))));
        return $"{Group.Epoch} {Convert.ToHexStringLower(Group.EpochAuthenticator)} {Convert.ToHexStringLower(exported)} {Group.EncodeTree()} {Group.IsClosed} [{proposals}]";
    }
}

/// <summary>Members of one group, and a wire between them: every message is encoded and decoded on its way.</summary>
internal sealed class Room : IDisposable
{
    private readonly List<Member> _members = [];

    private Room(CipherSuite suite) => Suite = suite;

    public CipherSuite Suite { get; }

    public IReadOnlyList<Member> Members => _members;

    public Member this[int index] => _members[index];

    public static ByteString GroupId => ByteString.CopyOf("room"u8);

    /// <summary>A group of these names in this order, each at the leaf of its place, with no blank node above any of them.</summary>
    public static Room Of(params string[] names) => Of(Suite(1), names);

    public static Room Of(
        CipherSuite suite,
        IReadOnlyList<string> names,
        IReadOnlyList<Extension>? extensions = null,
        GroupSettings? settings = null,
        Func<MlsClient, MlsClient>? with = null,
        IPreSharedKeys? preSharedKeys = null)
    {
        var room = new Room(suite);
        with ??= client => client;
        settings ??= new GroupSettings();
        MlsClient founder = with(Client(suite, names[0]));
        Assert.Null(Group.Create(founder, GroupId, extensions ?? [], settings, Time, preSharedKeys, out Group? group));
        room._members.Add(new Member(founder, group!));
        if (names.Count == 1)
            return room;

        (MlsClient Client, OwnKeyPackage KeyPackage)[] joiners = [.. names.Skip(1).Select(name => with(Client(suite, name))).Select(client => (client, client.CreateKeyPackage(Valid)))];
        PendingCommit pending = Room.Make(room[0], new CommitOptions { Proposals = [.. joiners.Select(j => new AddProposal(j.KeyPackage.KeyPackage))], ForcePath = true });
        room.Accept(room[0], pending);
        foreach ((MlsClient client, OwnKeyPackage keyPackage) in joiners)
        {
            room.Join(client, keyPackage, pending.Welcome!, default, settings, preSharedKeys);
            keyPackage.Dispose();
        }

        foreach (Member member in room._members.Skip(1).ToArray())
            room.Commit(member, new CommitOptions { ForcePath = true });
        return room;
    }

    /// <summary>The same message as those who receive it decode it.</summary>
    public static MlsMessage Wire(MlsMessage message) => MlsMessage.Decode(message.Encode()) ?? throw new ArgumentException("The message cannot be decoded.", nameof(message));

    public static PendingCommit Make(Member committer, CommitOptions options)
    {
        Assert.Null(committer.Group.Commit(options, Time, out PendingCommit? pending));
        return pending!;
    }

    public void Commit(Member committer, CommitOptions options) => Accept(committer, Make(committer, options));

    /// <summary>Everyone receives and merges a commit; those whom it removes leave the room. In the end all agree.</summary>
    public void Accept(Member committer, PendingCommit pending)
    {
        foreach (Member member in _members.Where(member => member != committer).ToArray())
            Merge(member, pending.Message);

        Assert.Null(committer.Group.Merge(pending.Staged, Time.Now));
        AssertAgreement();
    }

    public void Merge(Member member, MlsMessage commit)
    {
        Refusal? refusal = member.Group.Receive(Wire(commit), Time, out Received? received);
        Assert.True(refusal is null, refusal?.ToString());
        StagedCommit staged = Assert.IsType<CommitMessage>(received).Staged;
        Assert.Null(member.Group.Merge(staged, Time.Now));
        if (staged.RemovesUs)
            _members.Remove(member);
    }

    public Member Join(MlsClient client, OwnKeyPackage keyPackage, Welcome welcome, ByteString tree = default, GroupSettings? settings = null, IPreSharedKeys? preSharedKeys = null)
    {
        Welcome received = Wire(MlsMessage.Of(welcome)).Welcome!;
        Refusal? refusal = Group.Join(client, received, keyPackage, tree, settings ?? new GroupSettings(), Time, preSharedKeys, out Group? group);
        Assert.True(refusal is null, refusal?.ToString());
        var member = new Member(client, group!);
        _members.Add(member);
        return member;
    }

    public void Enter(Member member) => _members.Add(member);

    /// <summary>Everyone but the sender keeps a proposal.</summary>
    public ByteString Propose(Member sender, MlsMessage proposal)
    {
        ByteString reference = default;
        foreach (Member member in _members.Where(member => member != sender))
        {
            Assert.Null(member.Group.Receive(Wire(proposal), Time, out Received? received));
            reference = Assert.IsType<ProposalMessage>(received).Reference;
        }

        return reference;
    }

    /// <summary>Everyone but <paramref name="sender"/> refuses by exactly this rule and is afterwards as before.</summary>
    public void Refuses(Refusal rule, Member sender, MlsMessage message)
    {
        foreach (Member member in _members.Where(member => member != sender))
            Refuses(rule, message, member);
    }

    public static void Refuses(Refusal rule, MlsMessage message, Member by)
    {
        string before = by.Snapshot();
        Refusal? refusal = by.Group.Receive(Wire(message), Time, out Received? received);

        Assert.Same(rule, refusal);
        Assert.Null(received);
        Assert.Equal(before, by.Snapshot());
    }

    public void AssertAgreement()
    {
        string[] states = [.. _members.Select(member => member.Snapshot()).Distinct()];
        Assert.Single(states);
    }

    public void Dispose()
    {
        foreach (Member member in _members)
            member.Group.Dispose();
    }
}
