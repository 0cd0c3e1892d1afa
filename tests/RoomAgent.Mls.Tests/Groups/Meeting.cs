using RoomAgent.Wire;

namespace RoomAgent.Mls.Tests.Groups;

/// <summary>A group with all its members in one place: whatever one sends, all others receive, and an observer without secrets follows.</summary>
internal sealed class Meeting : IDisposable
{
    private readonly Dictionary<string, Group> _members = [];
    private readonly Dictionary<(string, int), MlsClient> _clients = [];
    private readonly GroupSettings _settings;
    private readonly IPreSharedKeys? _psks;

    public Meeting(int suite, string founder, GroupSettings? settings = null, IPreSharedKeys? psks = null, IReadOnlyList<Extension>? extensions = null)
    {
        Suite = TestClients.Suite(suite);
        _settings = settings ?? new GroupSettings();
        _psks = psks;
        Assert.Null(Group.Create(Client(founder), Id, extensions ?? [], _settings, TestClients.Time, psks, out Group? group));
        _members.Add(founder, group!);
        Assert.Null(PublicGroup.Follow(Suite, group!.CreateGroupInfo(), [], TrustEveryone.Instance, TestClients.Time.Date, out PublicGroup? observer));
        Observer = observer!;
    }

    public static ByteString Id { get; } = ByteString.CopyOf("a meeting"u8);

    public CipherSuite Suite { get; }

    public PublicGroup Observer { get; private set; }

    public IReadOnlyDictionary<string, Group> Members => _members;

    public Group this[string name] => _members[name];

    public MlsClient Client(string name, int seed = 1)
    {
        if (!_clients.TryGetValue((name, seed), out MlsClient? client))
            _clients.Add((name, seed), client = TestClients.Client(Suite, name, seed));
        return client;
    }

    /// <summary>Adds people in one commit.</summary>
    public void Add(string committer, params string[] names)
    {
        OwnKeyPackage[] packages = [.. names.Select(name => Client(name).CreateKeyPackage(TestClients.Valid))];
        PendingCommit pending = Commit(committer, new CommitOptions { Proposals = [.. packages.Select(package => new AddProposal(package.KeyPackage))] });
        for (int i = 0; i < names.Length; i++)
            Welcome(names[i], pending, packages[i]);
        AssertAgreement();
    }

    public void Welcome(string name, PendingCommit pending, OwnKeyPackage package)
    {
        Assert.Null(Group.Join(Client(name), Through(MlsMessage.Of(pending.Welcome!)).Welcome!, package, pending.Tree, _settings, TestClients.Time, _psks, out Group? group));
        package.Dispose();
        _members.Add(name, group!);
    }

    /// <summary>One commits; everyone receives and merges. Whoever is removed leaves.</summary>
    public PendingCommit Commit(string committer, CommitOptions options)
    {
        Assert.Null(_members[committer].Commit(options, TestClients.Time, out PendingCommit? pending));
        Deliver(committer, pending!.Message);
        Assert.Null(_members[committer].Merge(pending.Staged, TestClients.Time.Now));
        return pending;
    }

    /// <summary>Everyone but the sender receives a handshake.</summary>
    public void Deliver(string? sender, MlsMessage message)
    {
        foreach ((string name, Group group) in _members.Where(member => member.Key != sender).ToArray())
        {
            Assert.Null(group.Receive(Through(message), TestClients.Time, out Received? received));
            if (received is not CommitMessage { Staged: var staged })
                continue;

            Assert.Null(group.Merge(staged, TestClients.Time.Now));
            if (staged.RemovesUs)
                _members.Remove(name);
        }

        if (!_settings.EncryptHandshakes)
        {
            Assert.Null(Observer.Receive(Through(message), TestClients.Time.Date, out Followed? followed));
            Observer = followed!.Next;
        }
    }

    /// <summary>One joins by a commit of its own, or comes back.</summary>
    public void JoinExternally(string name, string by, LeafIndex? replaced = null)
    {
        GroupInfo info = Through(MlsMessage.Of(_members[by].CreateGroupInfo())).GroupInfo!;
        Assert.Null(Group.JoinExternally(Client(name), info, [], replaced, _settings, TestClients.Time, _psks, "why"u8, out ExternalJoin? joined));
        _members.Remove(name);
        Deliver(null, joined!.Message);
        _members.Add(name, joined.Group);
        AssertAgreement();
    }

    public void AssertAgreement()
    {
        Group first = _members.Values.First();
        byte[] secret = new byte[32];
        first.Export("test"u8, "context"u8, secret);
        foreach (Group group in _members.Values)
        {
            byte[] own = new byte[32];
            group.Export("test"u8, "context"u8, own);
            Assert.Equal(first.Epoch, group.Epoch);
            Assert.Equal(Convert.ToHexString(first.EpochAuthenticator), Convert.ToHexString(group.EpochAuthenticator));
            Assert.Equal(secret, own);
            Assert.Equal(_members.Count, group.MemberCount);
        }

        if (!_settings.EncryptHandshakes)
            Assert.Equal(first.Context.TreeHash, Observer.Context.TreeHash);
    }

    /// <summary>Everyone says something that everyone else understands.</summary>
    public void AssertConversation()
    {
        foreach ((string name, Group speaker) in _members)
        {
            MlsMessage message = speaker.Protect(System.Text.Encoding.UTF8.GetBytes(name), "aad"u8);
            foreach (Group listener in _members.Values.Where(group => group != speaker))
            {
                Assert.Null(listener.Receive(Through(message), TestClients.Time, out Received? received));
                var heard = Assert.IsType<ApplicationMessage>(received);
                Assert.Equal(name, System.Text.Encoding.UTF8.GetString(heard.Data));
                Assert.Equal(speaker.Self, heard.Sender);
            }
        }
    }

    /// <summary>A message as it comes out of the wire.</summary>
    public static MlsMessage Through(MlsMessage message) => MlsMessage.Decode(message.Encode())!;

    public void Dispose()
    {
        foreach (Group group in _members.Values)
            group.Dispose();
    }
}
