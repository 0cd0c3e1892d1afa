using RoomAgent.Mls.Tests.Negative;
using RoomAgent.Wire;
using static RoomAgent.Mls.Tests.TestClients;

namespace RoomAgent.Mls.Tests.Properties;

/// <summary>
/// Groups of up to 32 members in which things happen at random. After each step all members agree, and the tree is the one that
/// <see cref="NaiveTree"/> makes of the same steps.
/// </summary>
public sealed class RandomGroupTests
{
    private const int MostMembers = 32;

    private static readonly ByteString s_psk = ByteString.CopyOf("psk"u8);

    private static readonly PskTable s_psks = new(new Dictionary<ByteString, byte[]> { [s_psk] = [1, 2, 3] });

    // More for a long run: ROOMAGENT_MLS_STEPS=20000
    private static readonly int s_steps = int.Parse(Environment.GetEnvironmentVariable("ROOMAGENT_MLS_STEPS") ?? "120", System.Globalization.CultureInfo.InvariantCulture);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void WhateverHappensAllMembersAgreeWithEachOtherAndWithTheStandard(int seed)
    {
        using var run = new Run(seed);
        for (int step = 0; step < s_steps; step++)
        {
            try
            {
                run.Step();
                run.Check();
            }
            catch (Exception e)
            {
                throw new InvalidOperationException($"Seed {seed}, step {step}: {run.Last}", e);
            }
        }

        // Everything that can happen did.
        Assert.Equal(Enum.GetNames<Event>().Order(), run.Seen.Select(e => e.ToString()).Order());
    }

    private enum Event
    {
        Add,
        AddWithPath,
        Remove,
        Update,
        UpdateByOthers,
        Mixed,
        JoinExternally,
        ComeBack,
        Extensions,
        PreSharedKey,
        Drop,
        Talk,
    }

    private sealed class Run(int seed) : IDisposable
    {
        private readonly Random _random = new(seed);
        private readonly Room _room = Room.Of(Suite(1), ["m0"], preSharedKeys: s_psks);
        private readonly NaiveTree _expected = NaiveTree.OfOne();
        private readonly HashSet<Event> _seen = [];
        private int _names = 1;

        public string Last { get; private set; } = "";

        public IReadOnlySet<Event> Seen => _seen;

        public void Step()
        {
            Event[] possible = _room.Members.Count switch
            {
                1 => [Event.Add, Event.AddWithPath, Event.JoinExternally],
                MostMembers => [.. Enum.GetValues<Event>().Except([Event.Add, Event.AddWithPath, Event.Mixed, Event.JoinExternally])],
                _ => Enum.GetValues<Event>(),
            };

            // Growing is a little likelier than shrinking, and members come and go in runs.
            Event next = _room.Members.Count < MostMembers && _random.Next(5) == 0 ? Event.Add : possible[_random.Next(possible.Length)];
            Member actor = Any();
            Last = $"{next} by leaf {actor.Leaf} of {_room.Members.Count} members";
            _seen.Add(next);
            switch (next)
            {
                case Event.Add:
                    Commit(actor, new CommitOptions(), added: Few(MostMembers - _room.Members.Count));
                    break;
                case Event.AddWithPath:
                    Commit(actor, new CommitOptions { ForcePath = true, TreeInWelcome = _random.Next(2) == 0 }, added: Few(MostMembers - _room.Members.Count));
                    break;
                case Event.Remove:
                    Commit(actor, new CommitOptions { Proposals = [.. Others(actor).Take(Few(_room.Members.Count - 1)).Select(m => new RemoveProposal(m.Leaf))] });
                    break;
                case Event.Update:
                    Commit(actor, new CommitOptions());
                    break;
                case Event.UpdateByOthers:
                    Propose(Others(actor).Take(Few(_room.Members.Count - 1)).Select(m => (m, m.Group.ProposeUpdate())));
                    Commit(actor, new CommitOptions());
                    break;
                case Event.Mixed:
                    Member[] others = Others(actor);
                    int updates = Few(others.Length);
                    Propose(others.Take(updates).Select(m => (m, m.Group.ProposeUpdate())));
                    if (others.Length > updates)
                        Propose([(others[0], others[0].Group.Propose(new RemoveProposal(others[^1].Leaf)))]);
                    Commit(actor, new CommitOptions(), added: Few(MostMembers - _room.Members.Count));
                    break;
                case Event.JoinExternally:
                    JoinExternally(actor, Client(_room.Suite, $"m{_names++}"), null);
                    break;
                case Event.ComeBack:
                    Member lost = Others(actor)[0];
                    JoinExternally(actor, lost.Client, lost);
                    break;
                case Event.Extensions:
                    Extension[] extensions = _random.Next(2) == 0 ? [] : [new RequiredCapabilities([], [], [1]).ToExtension()];
                    Commit(actor, new CommitOptions { Proposals = [new GroupContextExtensionsProposal(extensions)] });
                    break;
                case Event.PreSharedKey:
                    Commit(actor, new CommitOptions { Proposals = [new PreSharedKeyProposal(actor.Group.NewPskId(s_psk)), new PreSharedKeyProposal(actor.Group.NewResumptionPskId(actor.Group.Epoch))] });
                    break;
                case Event.Drop:
                    Drop(actor);
                    break;
                case Event.Talk:
                    Talk(actor);
                    break;
            }
        }

        public void Check()
        {
            _room.AssertAgreement();
            Group group = Any().Group;
            NaiveTree tree = NaiveTree.Read(group.EncodeTree());

            Assert.Equal(_expected.Shape(), tree.Shape());
            Assert.Equal(Convert.ToHexStringLower(tree.Hash()), group.Context.TreeHash.ToString());
            Assert.True(tree.AreUnmergedLeavesValid());
            Assert.True(tree.IsParentHashValid());
            Assert.Equal(_room.Members.Count, group.MemberCount);
            Assert.Equal(_room.Members.Select(m => m.Leaf.Value).Order(), group.Members.Select(m => m.Index.Value));
        }

        public void Dispose() => _room.Dispose();

        private Member Any() => _room.Members[_random.Next(_room.Members.Count)];

        private int Few(int most) => 1 + _random.Next(Math.Min(most, 4));

        private Member[] Others(Member actor)
        {
            Member[] others = [.. _room.Members.Where(m => m != actor)];
            _random.Shuffle(others);
            return others;
        }

        private void Propose(IEnumerable<(Member Sender, MlsMessage Message)> proposals)
        {
            foreach ((Member sender, MlsMessage message) in proposals)
                _room.Propose(sender, message);
        }

        private void Commit(Member committer, CommitOptions options, int added = 0)
        {
            (MlsClient Client, OwnKeyPackage KeyPackage)[] joiners =
                [.. Enumerable.Range(0, added).Select(_ => Client(_room.Suite, $"m{_names++}")).Select(client => (client, client.CreateKeyPackage(Valid)))];
            PendingCommit pending = Room.Make(committer, options with { Proposals = [.. options.Proposals, .. joiners.Select(j => new AddProposal(j.KeyPackage.KeyPackage))] });
            Member[] removed = [.. _room.Members.Where(m => pending.Staged.Removed.Any(r => r.Index == m.Leaf))];

            Expect(pending.Staged);
            AssertCannotFollow(removed, pending.Staged);
            foreach (Member member in _room.Members.Where(m => m != committer).ToArray())
                _room.Merge(member, pending.Message);
            Assert.Null(committer.Group.Merge(pending.Staged, Time.Now));
            foreach ((MlsClient client, OwnKeyPackage keyPackage) in joiners)
            {
                _room.Join(client, keyPackage, pending.Welcome!, options.TreeInWelcome ? default : pending.Tree, preSharedKeys: s_psks);
                keyPackage.Dispose();
            }

            foreach (Member member in removed)
            {
                Assert.True(member.Group.IsClosed);
                Assert.DoesNotContain(member, _room.Members);
            }
        }

        // What a commit does, by the oracle: updates, removes, adds, then the path.
        private void Expect(StagedCommit staged)
        {
            foreach ((LeafIndex index, _, _) in staged.Updated)
                _expected.Update((int)index.Value);
            foreach ((LeafIndex index, _) in staged.Removed)
                _expected.Remove((int)index.Value);
            int[] added = [.. staged.Added.Select(_ => _expected.Add())];
            Assert.Equal(added, staged.Added.Select(a => (int)a.Index.Value));

            if (staged.IsExternal)
                Assert.Equal(_expected.Join(), (int)staged.Committer.Value);
            if (staged.Commit.Commit.Path is { } path)
                Assert.Equal(_expected.Path((int)staged.Committer.Value, added), path.Nodes.Select(node => node.EncryptedPathSecret.Count));
        }

        // One who was removed has no key that opens any path secret.
        private static void AssertCannotFollow(Member[] removed, StagedCommit staged)
        {
            ByteString context = staged.Commit.ProvisionalContext.Encode();
            foreach (Member member in removed)
            {
                PrivateTree keys = member.Group.Secrets().Keys;
                for (uint node = 0; node < 2 * MostMembers * 2; node++)
                {
                    if (keys[node] is { } key)
                        Assert.All(staged.Commit.Commit.Path!.Nodes.SelectMany(n => n.EncryptedPathSecret), c => Assert.Null(member.Client.Suite.DecryptWithLabel(key, "UpdatePathNode"u8, context, c)));
                }
            }
        }

        private void JoinExternally(Member presenter, MlsClient client, Member? lost)
        {
            GroupInfo info = Room.Wire(MlsMessage.Of(presenter.Group.CreateGroupInfo(withTree: false))).GroupInfo!;
            Refusal? refusal = Group.JoinExternally(client, info, presenter.Group.EncodeTree(), lost?.Leaf, new GroupSettings(), Time, s_psks, default, out ExternalJoin? joined);
            Assert.True(refusal is null, refusal?.ToString());
            Assert.Null(presenter.Group.Receive(Room.Wire(joined!.Message), Time, out Received? received));
            Expect(Assert.IsType<CommitMessage>(received).Staged);
            foreach (Member member in _room.Members.ToArray())
                _room.Merge(member, joined.Message);
            _room.Enter(new Member(client, joined.Group));
        }

        // Several commits of the same epoch, each staged by others, none merged; the proposals that they covered go too.
        private void Drop(Member actor)
        {
            string[] before = [.. _room.Members.Select(m => m.Snapshot())];
            List<IDisposable> made = [];
            foreach (Member member in Others(actor).Take(3).Append(actor))
            {
                Proposal[] proposals = Others(member) is [var other, ..] && _random.Next(2) == 0 ? [new RemoveProposal(other.Leaf)] : [];
                PendingCommit pending = Room.Make(member, new CommitOptions { Proposals = proposals, ForcePath = true });
                made.Add(pending);
                foreach (Member witness in Others(member).Take(4))
                {
                    Assert.Null(witness.Group.Receive(Room.Wire(pending.Message), Time, out Received? received));
                    made.Add(Assert.IsType<CommitMessage>(received).Staged);
                }
            }

            foreach (IDisposable one in made)
                one.Dispose();
            Assert.Equal(before, _room.Members.Select(m => m.Snapshot()));
        }

        private void Talk(Member speaker)
        {
            MlsMessage[] messages = [.. Enumerable.Range(0, 3).Select(i => speaker.Group.Protect([(byte)i]))];
            _random.Shuffle(messages);
            foreach (Member listener in Others(speaker))
            {
                byte[] heard = [.. messages.Select(message =>
                {
                    Assert.Null(listener.Group.Receive(Room.Wire(message), Time, out Received? received));
                    return Assert.IsType<ApplicationMessage>(received).Data.Span[0];
                })];
                Assert.Equal((byte[])[0, 1, 2], heard.Order());
            }
        }
    }
}
