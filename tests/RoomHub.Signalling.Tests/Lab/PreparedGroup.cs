using RoomAgent.Hub.Meetings;
using RoomAgent.Hub.Store;
using RoomAgent.Identity;
using RoomAgent.Meetings;
using RoomAgent.Mls;
using RoomAgent.Native.OpenSsl;
using RoomAgent.Wire;

namespace RoomAgent.Hub.Tests;

/// <summary>A group of all these rooms that stands in the log already, and commits of its first member that were made before anybody looks at the clock.</summary>
public sealed class PreparedGroup
{
    private static readonly CertificatePaths s_paths = new(OpenSslCrypto.Instance);
    private static readonly GroupTime s_time = new(default, GroupTime.NoDate);

    private readonly LogEntry[] _log;

    public PreparedGroup(RoomPolicy policy, IReadOnlyList<Room> rooms, int commits)
    {
        Policy = policy;
        var identities = new MeetingIdentities(s_paths, Room.Suite.Signature, policy.Anchors);
        MlsClient client(Room room) => new(Room.Suite, identities, OpenSslRandom.Instance, room.Key, room.Credential)
        {
            SupportedExtensions = [(ushort)RoomPolicy.ExtensionType],
            SupportedCredentials = [(ushort)CredentialType.X509],
        };

        Assert.Null(Group.Create(client(rooms[0]), policy.Name.ComputeGroupId(OpenSslCrypto.Instance), policy.ToExtensions(), new GroupSettings(), s_time, null, out Group? group));
        using Group founded = group!;
        var founding = new LogBody { Origin = rooms[0].Identity, MessageId = 1, Hash = Hash(1), Commit = default, GroupInfo = ByteString.Owning(MlsMessage.Of(founded.CreateGroupInfo()).Encode()) };

        OwnKeyPackage[] others = [.. rooms.Skip(1).Select(room => client(room).CreateKeyPackage(new Lifetime(0, ulong.MaxValue)))];
        CommitUpload adding = Commit(founded, 2, [.. others.Select(own => new AddProposal(own.KeyPackage))]);
        var added = new LogBody { Origin = rooms[0].Identity, MessageId = 2, Hash = Hash(2), Commit = adding.Commit, Welcome = adding.Welcome, GroupInfo = adding.GroupInfo };
        foreach (OwnKeyPackage own in others)
            own.Dispose();

        _log = [new LogEntry(1, 0, 0, founding.Encode()), new LogEntry(2, 0, 1, added.Encode())];
        Commits = [.. Enumerable.Range(0, commits).Select(i => Commit(founded, (ulong)i + 3, []))];
    }

    public RoomPolicy Policy { get; }

    public IReadOnlyList<CommitUpload> Commits { get; }

    public async Task StoreAsync(MeetingStore store)
    {
        foreach (LogEntry entry in _log)
            Assert.Equal(AppendOutcome.Appended, await store.AppendAsync(Meeting.NameOf(Policy), entry, default));
    }

    private static CommitUpload Commit(Group group, ulong messageId, IReadOnlyList<Proposal> proposals)
    {
        ulong epoch = group.Epoch;
        var options = new CommitOptions { Proposals = proposals, CoverReceived = false, ForcePath = true, TreeInWelcome = false, AuthenticatedData = SignedHostAction.EncodeList([]) };
        Assert.Null(group.Commit(options, s_time, out PendingCommit? pending));
        var upload = new CommitUpload(
            messageId,
            0,
            epoch,
            ByteString.Owning(pending!.Message.Encode()),
            pending.Welcome is null ? default : ByteString.Owning(MlsMessage.Of(pending.Welcome).Encode()),
            ByteString.Owning(MlsMessage.Of(pending.CreateGroupInfo(withTree: false)).Encode()),
            [],
            IsExternal: false);
        Assert.Null(group.Merge(pending.Staged, s_time.Now));
        return upload;
    }

    private static ByteString Hash(byte value) => ByteString.Owning([.. Enumerable.Repeat(value, Limits.Digest)]);
}
