using System.Text.Json.Nodes;
using RoomAgent.Crypto;
using RoomAgent.Native.OpenSsl;
using RoomAgent.Testing;
using RoomAgent.Wire;
using static RoomAgent.Mls.Tests.Vectors.VectorFile;

namespace RoomAgent.Mls.Tests.Vectors;

/// <summary>
/// Makes vectors of every published kind, in the published form, for other implementations to check. Each test run writes them to
/// <c>artifacts/generated-vectors</c> and checks them there like the published ones.
/// </summary>
internal static class GeneratedVectors
{
    private static readonly Lazy<string> s_folder = new(Write);

    /// <summary>Where they are.</summary>
    public static string Folder => s_folder.Value;

    private static string Write()
    {
        string folder = Path.Combine(Repository.Root, "artifacts", "generated-vectors");
        Directory.CreateDirectory(folder);
        void write(string name, IEnumerable<JsonNode> cases) => File.WriteAllText(Path.Combine(folder, $"{name}.json"), new JsonArray([.. cases]).ToJsonString());
        void perSuite(string name, Func<Maker, JsonNode> make) => write(name, Enumerable.Range(1, 7).Select(suite => make(new Maker(suite))));

        write("deserialization", new[] { 0, 63, 64, 16_383, 16_384, Varint.MaxValue }.Select(Deserialization));
        write("tree-math", Enumerable.Range(0, 7).Select(power => TreeMathematics(1u << power)));
        perSuite("crypto-basics", maker => maker.CryptoBasics());
        perSuite("secret-tree", maker => maker.SecretTrees());
        perSuite("key-schedule", maker => maker.KeySchedules());
        perSuite("psk_secret", maker => maker.PskSecrets());
        perSuite("transcript-hashes", maker => maker.TranscriptHashes());
        perSuite("message-protection", maker => maker.Protection());
        perSuite("tree-operations", maker => maker.TreeOperation());
        perSuite("tree-validation", maker => maker.TreeValidation());
        perSuite("treekem", maker => maker.UpdatePaths());
        perSuite("welcome", maker => maker.Welcomes());
        perSuite("passive-client-handling-commit", maker => maker.PassiveClient());
        perSuite("messages", maker => maker.Messages());
        return folder;
    }

    private static JsonObject Deserialization(int length)
    {
        var writer = new WireWriter(new byte[4]);
        writer.WriteVarint(length);
        return new() { ["vlbytes_header"] = Hex(writer.Written), ["length"] = length };
    }

    private static JsonObject TreeMathematics(uint leaves)
    {
        uint root = TreeMath.Root(leaves);
        JsonArray forEach(Func<uint, bool> hasAnswer, Func<uint, uint> answer) =>
            [.. Enumerable.Range(0, (int)TreeMath.NodeCount(leaves)).Select(node => hasAnswer((uint)node) ? (JsonNode)answer((uint)node) : null)];

        return new()
        {
            ["n_leaves"] = leaves,
            ["n_nodes"] = TreeMath.NodeCount(leaves),
            ["root"] = root,
            ["left"] = forEach(node => !TreeMath.IsLeaf(node), TreeMath.Left),
            ["right"] = forEach(node => !TreeMath.IsLeaf(node), TreeMath.Right),
            ["parent"] = forEach(node => node != root, node => TreeMath.Parent(node, leaves)),
            ["sibling"] = forEach(node => node != root, node => TreeMath.Sibling(node, leaves)),
        };
    }

    /// <summary>Makes one case of each kind for one suite.</summary>
    private sealed class Maker
    {
        private readonly RecordingCrypto _crypto = new(OpenSslCrypto.Instance);
        private readonly SeededRandom _random;
        private readonly CipherSuite _suite;
        private readonly int _number;

        public Maker(int number)
        {
            _number = number;
            _random = new SeededRandom(number);
            _suite = CipherSuite.Find(_crypto, (CipherSuiteId)number)!;
        }

        public JsonObject CryptoBasics()
        {
            using Secret secret = Secret.Generate(_random, _suite.HashSize);
            byte[] expanded = new byte[16];
            _suite.ExpandWithLabel(secret.Bytes, "Expand"u8, "context"u8, expanded);
            byte[] tree = new byte[16];
            _suite.DeriveTreeSecret(secret.Bytes, "Tree"u8, 77, tree);
            using SigningKey signing = NewSigningKey();
            using KemPrivateKey encryption = _suite.Hpke.GenerateKeyPair(_random);
            HpkeCiphertext ciphertext = _suite.EncryptWithLabel(Public(encryption), "Encrypt"u8, "context"u8, "plaintext"u8, _random)!;
            return Case(new()
            {
                ["ref_hash"] = new JsonObject { ["label"] = "Reference", ["value"] = Hex("value"u8), ["out"] = _suite.RefHash("Reference"u8, "value"u8).ToString() },
                ["expand_with_label"] = new JsonObject { ["secret"] = Hex(secret.Bytes), ["label"] = "Expand", ["context"] = Hex("context"u8), ["length"] = 16, ["out"] = Hex(expanded) },
                ["derive_secret"] = new JsonObject { ["secret"] = Hex(secret.Bytes), ["label"] = "Derive", ["out"] = Hex(_suite.DeriveSecret(secret.Bytes, "Derive"u8).Bytes) },
                ["derive_tree_secret"] = new JsonObject { ["secret"] = Hex(secret.Bytes), ["label"] = "Tree", ["generation"] = 77, ["length"] = 16, ["out"] = Hex(tree) },
                ["sign_with_label"] = new JsonObject
                {
                    ["priv"] = _crypto.PrivateKeyOf(signing.PublicKey), ["pub"] = Hex(signing.PublicKey), ["content"] = Hex("content"u8), ["label"] = "Sign",
                    ["signature"] = _suite.SignWithLabel(signing, "Sign"u8, "content"u8).ToString(),
                },
                ["encrypt_with_label"] = new JsonObject
                {
                    ["priv"] = _crypto.PrivateKeyOf(encryption.PublicKey), ["pub"] = Hex(encryption.PublicKey), ["label"] = "Encrypt", ["context"] = Hex("context"u8),
                    ["plaintext"] = Hex("plaintext"u8), ["kem_output"] = ciphertext.KemOutput.ToString(), ["ciphertext"] = ciphertext.Ciphertext.ToString(),
                },
            });
        }

        public JsonObject SecretTrees()
        {
            const uint Leaves = 4;
            using Secret encryptionSecret = Secret.Generate(_random, _suite.HashSize);
            using Secret senderDataSecret = Secret.Generate(_random, _suite.HashSize);
            byte[] ciphertext = RandomBytes(100);
            using MessageKey senderData = MessageProtection.SenderDataKey(_suite, senderDataSecret, ciphertext);
            using var tree = new SecretTree(_suite, encryptionSecret.Bytes, Leaves, RatchetWindow.Default);
            JsonObject generation(uint leaf, uint number)
            {
                using TakenKey application = tree.Take(new LeafIndex(leaf), ContentType.Application, number)!;
                using TakenKey handshake = tree.Take(new LeafIndex(leaf), ContentType.Commit, number)!;
                return new()
                {
                    ["generation"] = number, ["application_key"] = Hex(application.Key.Key), ["application_nonce"] = Hex(application.Key.Nonce),
                    ["handshake_key"] = Hex(handshake.Key.Key), ["handshake_nonce"] = Hex(handshake.Key.Nonce),
                };
            }

            return Case(new()
            {
                ["encryption_secret"] = Hex(encryptionSecret.Bytes),
                ["sender_data"] = new JsonObject { ["sender_data_secret"] = Hex(senderDataSecret.Bytes), ["ciphertext"] = Hex(ciphertext), ["key"] = Hex(senderData.Key), ["nonce"] = Hex(senderData.Nonce) },
                ["leaves"] = new JsonArray([.. Enumerable.Range(0, (int)Leaves).Select(leaf => new JsonArray(generation((uint)leaf, 0), generation((uint)leaf, 5)))]),
            });
        }

        public JsonObject KeySchedules()
        {
            ByteString groupId = ByteString.Owning(RandomBytes(16));
            Secret initSecret = Secret.Generate(_random, _suite.HashSize);
            string initial = Hex(initSecret.Bytes);
            var epochs = new JsonArray();
            for (ulong number = 0; number < 3; number++)
            {
                var context = new GroupContext(_suite.Id, groupId, number, ByteString.Owning(RandomBytes(_suite.HashSize)), ByteString.Owning(RandomBytes(_suite.HashSize)), []);
                ByteString encoded = context.Encode();
                byte[] commitSecret = RandomBytes(_suite.HashSize);
                using Secret pskSecret = Secret.Generate(_random, _suite.HashSize);
                using Secret joinerSecret = EpochSecrets.JoinerSecret(_suite, initSecret, commitSecret, encoded);
                EpochSecrets secrets = EpochSecrets.FromJoinerSecret(_suite, joinerSecret, pskSecret, encoded);
                using KemPrivateKey external = secrets.ExternalKeyPair();
                byte[] exported = new byte[24];
                secrets.Export("exporter"u8, "context"u8, exported);
                epochs.Add(new JsonObject
                {
                    ["commit_secret"] = Hex(commitSecret), ["psk_secret"] = Hex(pskSecret.Bytes), ["tree_hash"] = context.TreeHash.ToString(),
                    ["confirmed_transcript_hash"] = context.ConfirmedTranscriptHash.ToString(), ["group_context"] = encoded.ToString(),
                    ["joiner_secret"] = Hex(joinerSecret.Bytes), ["welcome_secret"] = Hex(EpochSecrets.WelcomeSecret(_suite, joinerSecret, pskSecret).Bytes),
                    ["init_secret"] = Hex(secrets.InitSecret.Bytes), ["sender_data_secret"] = Hex(secrets.SenderDataSecret.Bytes),
                    ["encryption_secret"] = Hex(secrets.EncryptionSecret.Bytes), ["exporter_secret"] = Hex(secrets.ExporterSecret.Bytes),
                    ["epoch_authenticator"] = Hex(secrets.EpochAuthenticator.Bytes), ["external_secret"] = Hex(secrets.ExternalSecret.Bytes),
                    ["confirmation_key"] = Hex(secrets.ConfirmationKey.Bytes), ["membership_key"] = Hex(secrets.MembershipKey.Bytes),
                    ["resumption_psk"] = Hex(secrets.ResumptionPsk.Bytes), ["external_pub"] = Hex(external.PublicKey),
                    ["exporter"] = new JsonObject { ["label"] = "exporter", ["context"] = Hex("context"u8), ["length"] = 24, ["secret"] = Hex(exported) },
                });
                initSecret = secrets.InitSecret;
            }

            return Case(new() { ["group_id"] = groupId.ToString(), ["initial_init_secret"] = initial, ["epochs"] = epochs });
        }

        public JsonObject PskSecrets()
        {
            (PreSharedKeyId Id, Secret Value)[] psks =
                [.. Enumerable.Range(0, 3).Select(_ => (PreSharedKeyId.External(ByteString.Owning(RandomBytes(8)), ByteString.Owning(RandomBytes(_suite.HashSize))), Secret.Generate(_random, 32)))];
            return Case(new()
            {
                ["psks"] = new JsonArray([.. psks.Select(psk => new JsonObject { ["psk_id"] = psk.Id.ExternalId.ToString(), ["psk"] = Hex(psk.Value.Bytes), ["psk_nonce"] = psk.Id.Nonce.ToString() })]),
                ["psk_secret"] = Hex(PskSecret.Compute(_suite, psks).Bytes),
            });
        }

        public JsonObject TranscriptHashes()
        {
            ByteString before = ByteString.Owning(RandomBytes(_suite.HashSize));
            byte[] confirmationKey = RandomBytes(_suite.HashSize);
            using SigningKey key = NewSigningKey();
            AuthenticatedContent commit = AuthenticatedContent.Sign(_suite, WireFormat.PublicMessage, Framed(ContentType.Commit, new Commit([], null)), key, Context());
            ByteString confirmed = Transcript.Confirmed(_suite, before, commit);
            commit = commit with { ConfirmationTag = _suite.Mac(confirmationKey, confirmed) };
            return Case(new()
            {
                ["confirmation_key"] = Hex(confirmationKey),
                ["authenticated_content"] = commit.Encode().ToString(),
                ["interim_transcript_hash_before"] = before.ToString(),
                ["confirmed_transcript_hash_after"] = confirmed.ToString(),
                ["interim_transcript_hash_after"] = Transcript.Interim(_suite, confirmed, commit.ConfirmationTag).ToString(),
            });
        }

        public JsonObject Protection()
        {
            GroupContext context = Context();
            using SigningKey key = NewSigningKey();
            using Secret senderDataSecret = Secret.Generate(_random, _suite.HashSize);
            byte[] encryptionSecret = RandomBytes(_suite.HashSize);
            byte[] membershipKey = RandomBytes(_suite.HashSize);
            ByteString tag = ByteString.Owning(RandomBytes(_suite.HashSize));
            AuthenticatedContent sign(WireFormat form, ContentType type, object body) =>
                AuthenticatedContent.Sign(_suite, form, Framed(type, body), key, context) with { ConfirmationTag = type == ContentType.Commit ? tag : default };
            string encrypted(ContentType type, object body)
            {
                using var tree = new SecretTree(_suite, encryptionSecret, 2, RatchetWindow.Default);
                return Hex(MlsMessage.Of(MessageProtection.Protect(_suite, senderDataSecret, tree, sign(WireFormat.PrivateMessage, type, body), 3, _random)).Encode());
            }

            string open(ContentType type, object body)
            {
                AuthenticatedContent content = sign(WireFormat.PublicMessage, type, body);
                return Hex(MlsMessage.Of(new PublicMessage(content, content.MembershipTag(_suite, membershipKey, context))).Encode());
            }

            Proposal proposal = new RemoveProposal(new LeafIndex(0));
            var commit = new Commit([new ProposalOrRef(proposal, default)], null);
            ByteString data = ByteString.CopyOf("application"u8);
            return Case(new()
            {
                ["group_id"] = context.GroupId.ToString(), ["epoch"] = context.Epoch, ["tree_hash"] = context.TreeHash.ToString(),
                ["confirmed_transcript_hash"] = context.ConfirmedTranscriptHash.ToString(),
                ["signature_priv"] = _crypto.PrivateKeyOf(key.PublicKey), ["signature_pub"] = Hex(key.PublicKey), ["encryption_secret"] = Hex(encryptionSecret),
                ["sender_data_secret"] = Hex(senderDataSecret.Bytes), ["membership_key"] = Hex(membershipKey),
                ["proposal"] = proposal.Encode().ToString(), ["proposal_priv"] = encrypted(ContentType.Proposal, proposal), ["proposal_pub"] = open(ContentType.Proposal, proposal),
                ["commit"] = commit.Encode().ToString(), ["commit_priv"] = encrypted(ContentType.Commit, commit), ["commit_pub"] = open(ContentType.Commit, commit),
                ["application"] = data.ToString(), ["application_priv"] = encrypted(ContentType.Application, data),
            });
        }

        public JsonObject TreeOperation()
        {
            RatchetTree before = NewTree(5, out _);
            var proposal = new RemoveProposal(new LeafIndex(4));
            RatchetTree after = before.WithRemoved(proposal.Removed);
            return Case(new()
            {
                ["tree_before"] = before.Encode().ToString(), ["proposal"] = proposal.Encode().ToString(), ["proposal_sender"] = 0,
                ["tree_after"] = after.Encode().ToString(), ["tree_hash_before"] = before.Hash.ToString(), ["tree_hash_after"] = after.Hash.ToString(),
            });
        }

        public JsonObject TreeValidation()
        {
            // Paths of some, then one more leaf: parents, blanks and unmerged leaves.
            RatchetTree tree = NewTree(6, out MlsClient[] clients);
            foreach (uint sender in (uint[])[0, 3])
                tree = NewPath(tree, clients[sender], sender).Tree;
            tree = tree.WithAdded(NewClient(6).CreateKeyPackage(TestClients.Valid).KeyPackage.LeafNode).Tree;
            TreeNode[] nodes = [.. InOrder(tree.Root)];
            return Case(new()
            {
                ["tree"] = tree.Encode().ToString(),
                ["group_id"] = Meeting.ToString(),
                ["tree_hashes"] = new JsonArray([.. nodes.Select(node => (JsonNode)node.Hash(_suite).ToString())]),
                ["resolutions"] = new JsonArray([.. nodes.Select(Resolution)]),
            });
        }

        public JsonObject UpdatePaths()
        {
            RatchetTree tree = NewTree(4, out MlsClient[] clients);
            var secrets = new Dictionary<uint, string>();
            using (TreeKem.NewPath first = NewPath(tree, clients[1], 1))
            {
                // Of the nodes above leaf 1, from the bottom, each secret follows from the one below.
                Secret next = Secret.CopyOf(first.PathSecretFor(new LeafIndex(0)).Bytes);
                foreach ((TreeNode node, _) in tree.FilteredDirectPath(new LeafIndex(1)))
                {
                    secrets[node.Index] = Hex(next.Bytes);
                    next = _suite.DeriveSecret(next.Bytes, "path"u8);
                }

                tree = first.Tree;
            }

            GroupContext context = Context() with { GroupId = Meeting };
            using TreeKem.NewPath path = NewPath(tree, clients[2], 2);
            UpdatePath update = path.Encrypt((context with { TreeHash = path.Tree.Hash }).Encode(), new HashSet<LeafIndex>(), _random)!;
            return Case(new()
            {
                ["group_id"] = context.GroupId.ToString(), ["epoch"] = context.Epoch, ["confirmed_transcript_hash"] = context.ConfirmedTranscriptHash.ToString(),
                ["ratchet_tree"] = tree.Encode().ToString(),
                ["leaves_private"] = new JsonArray([.. tree.EnumerateMembers().Select(member => new JsonObject
                {
                    ["index"] = member.Index.Value,
                    ["encryption_priv"] = _crypto.PrivateKeyOf(member.Leaf.EncryptionKey),
                    ["signature_priv"] = _crypto.PrivateKeyOf(member.Leaf.SignatureKey),
                    ["path_secrets"] = new JsonArray([.. NodesAbove(tree, member.Index).Where(node => node.Parent is not null)
                        .Select(node => new JsonObject { ["node"] = node.Index, ["path_secret"] = secrets[node.Index] })]),
                })]),
                ["update_paths"] = new JsonArray(new JsonObject
                {
                    ["sender"] = 2, ["update_path"] = update.Encode().ToString(),
                    ["path_secrets"] = new JsonArray([.. Enumerable.Range(0, 4).Select(i => i == 2 ? null : (JsonNode)Hex(path.PathSecretFor(new LeafIndex((uint)i)).Bytes))]),
                    ["commit_secret"] = Hex(path.CommitSecret.Bytes), ["tree_hash_after"] = path.Tree.Hash.ToString(),
                }),
            });
        }

        public JsonObject Welcomes()
        {
            (Group group, OwnKeyPackage joiner, PendingCommit pending) = Added();
            return Case(new()
            {
                ["init_priv"] = _crypto.PrivateKeyOf(joiner.KeyPackage.InitKey),
                ["signer_pub"] = group.MemberAt(group.Self)!.SignatureKey.ToString(),
                ["key_package"] = Hex(MlsMessage.Of(joiner.KeyPackage).Encode()),
                ["welcome"] = Hex(MlsMessage.Of(pending.Welcome!).Encode()),
            });
        }

        public JsonObject PassiveClient()
        {
            (Group group, OwnKeyPackage joiner, PendingCommit pending) = Added();
            string initial = Hex(group.EpochAuthenticator);
            var epochs = new JsonArray();
            for (int i = 0; i < 3; i++)
            {
                MlsMessage proposal = group.Propose(new PreSharedKeyProposal(group.NewPskId(ByteString.CopyOf("psk"u8))));
                Assert.Null(group.Commit(new CommitOptions { ForcePath = i > 0 }, TestClients.Time, out PendingCommit? commit));
                Assert.Null(group.Merge(commit!.Staged, TestClients.Time.Now));
                epochs.Add(new JsonObject { ["proposals"] = new JsonArray(Hex(proposal.Encode())), ["commit"] = Hex(commit.Message.Encode()), ["epoch_authenticator"] = Hex(group.EpochAuthenticator) });
            }

            return Case(new()
            {
                ["external_psks"] = new JsonArray(new JsonObject { ["psk_id"] = Hex("psk"u8), ["psk"] = "010203" }),
                ["key_package"] = Hex(MlsMessage.Of(joiner.KeyPackage).Encode()),
                ["signature_priv"] = _crypto.PrivateKeyOf(joiner.KeyPackage.LeafNode.SignatureKey),
                ["encryption_priv"] = _crypto.PrivateKeyOf(joiner.KeyPackage.LeafNode.EncryptionKey),
                ["init_priv"] = _crypto.PrivateKeyOf(joiner.KeyPackage.InitKey),
                ["welcome"] = Hex(MlsMessage.Of(pending.Welcome!).Encode()),
                ["ratchet_tree"] = null,
                ["initial_epoch_authenticator"] = initial,
                ["epochs"] = epochs,
            });
        }

        public JsonObject Messages()
        {
            (Group group, OwnKeyPackage joiner, PendingCommit pending) = Added();
            using SigningKey key = NewSigningKey();
            string body(Proposal proposal) => proposal.Encode().ToString()[4..];
            string open(ContentType type, object content) =>
                Hex(MlsMessage.Of(new PublicMessage(AuthenticatedContent.Sign(_suite, WireFormat.PublicMessage, Framed(type, content), key, Context()) with { ConfirmationTag = type == ContentType.Commit ? Meeting : default }, Meeting)).Encode());
            var commit = (Commit)pending.Message.PublicMessage!.Content.Content.Content;
            return new()
            {
                ["mls_welcome"] = Hex(MlsMessage.Of(pending.Welcome!).Encode()),
                ["mls_group_info"] = Hex(MlsMessage.Of(pending.GroupInfo).Encode()),
                ["mls_key_package"] = Hex(MlsMessage.Of(joiner.KeyPackage).Encode()),
                ["ratchet_tree"] = pending.Tree.ToString(),
                ["group_secrets"] = new GroupSecrets(Secret.Generate(_random, 32), Secret.Generate(_random, 32), [group.NewPskId(Meeting)]).Encode().ToString(),
                ["add_proposal"] = body(new AddProposal(joiner.KeyPackage)),
                ["update_proposal"] = body(new UpdateProposal(joiner.KeyPackage.LeafNode)),
                ["remove_proposal"] = body(new RemoveProposal(new LeafIndex(3))),
                ["pre_shared_key_proposal"] = body(new PreSharedKeyProposal(group.NewResumptionPskId(1))),
                ["re_init_proposal"] = body(new ReInitProposal(Meeting, 1, _suite.Id, [new Extension((ExtensionType)0xf000, Meeting)])),
                ["external_init_proposal"] = body(new ExternalInitProposal(Meeting)),
                ["group_context_extensions_proposal"] = body(new GroupContextExtensionsProposal([new Extension((ExtensionType)0xf000, default)])),
                ["commit"] = commit.Encode().ToString(),
                ["public_message_application"] = open(ContentType.Application, Meeting),
                ["public_message_proposal"] = open(ContentType.Proposal, new RemoveProposal(new LeafIndex(0))),
                ["public_message_commit"] = open(ContentType.Commit, commit),
                ["private_message"] = Hex(group.Protect("hello"u8).Encode()),
            };
        }

        private static ByteString Meeting { get; } = ByteString.CopyOf("a meeting"u8);

        private JsonObject Case(JsonObject fields)
        {
            fields.Insert(0, "cipher_suite", _number);
            return fields;
        }

        private (Group Group, OwnKeyPackage Joiner, PendingCommit Pending) Added()
        {
            var psks = new PskTable(new Dictionary<ByteString, byte[]> { [ByteString.CopyOf("psk"u8)] = [1, 2, 3] });
            Assert.Null(Group.Create(NewClient(0), Meeting, [], new GroupSettings(), TestClients.Time, psks, out Group? group));
            OwnKeyPackage joiner = NewClient(1).CreateKeyPackage(TestClients.Valid);
            Assert.Null(group!.Commit(new CommitOptions { Proposals = [new AddProposal(joiner.KeyPackage)], ForcePath = true }, TestClients.Time, out PendingCommit? pending));
            Assert.Null(group.Merge(pending!.Staged, TestClients.Time.Now));
            return (group, joiner, pending);
        }

        private RatchetTree NewTree(int leaves, out MlsClient[] clients)
        {
            clients = [.. Enumerable.Range(0, leaves).Select(NewClient)];
            var tree = RatchetTree.Of(_suite, clients[0].CreateKeyPackage(TestClients.Valid).KeyPackage.LeafNode);
            foreach (MlsClient client in clients.Skip(1))
                tree = tree.WithAdded(client.CreateKeyPackage(TestClients.Valid).KeyPackage.LeafNode).Tree;
            return tree;
        }

        private TreeKem.NewPath NewPath(RatchetTree tree, MlsClient client, uint leaf) => TreeKem.Create(
            tree,
            new LeafIndex(leaf),
            (key, parentHash) => client.SignLeaf(key, LeafNodeSource.Commit, default, parentHash, new LeafPlace(Meeting, new LeafIndex(leaf))),
            _random);

        private MlsClient NewClient(int number) =>
            new(_suite, TrustEveryone.Instance, _random, NewSigningKey(), Credential.Basic([(byte)number]));

        private SigningKey NewSigningKey()
        {
            using Secret key = SignatureKeys.Generate(_crypto, _random, _suite.Signature);
            return _crypto.ImportSigningKey(_suite.Signature, key.Bytes)!;
        }

        private KemPublicKey Public(KemPrivateKey key) => _crypto.ImportKemPublicKey(key.Group, key.PublicKey)!;

        private GroupContext Context() =>
            new(_suite.Id, Meeting, 42, ByteString.CopyOf(Enumerable.Repeat((byte)1, _suite.HashSize).ToArray()), ByteString.CopyOf(Enumerable.Repeat((byte)2, _suite.HashSize).ToArray()), []);

        private static FramedContent Framed(ContentType type, object body) =>
            new(Meeting, 42, Sender.Member(new LeafIndex(1)), ByteString.CopyOf("aad"u8), type, body);

        private byte[] RandomBytes(int count)
        {
            byte[] bytes = new byte[count];
            _random.Fill(bytes);
            return bytes;
        }

        private static JsonArray Resolution(TreeNode node)
        {
            List<TreeNode> resolution = [];
            node.Resolve(resolution);
            return [.. resolution.Select(n => (JsonNode)n.Index)];
        }

        private static IEnumerable<TreeNode> NodesAbove(RatchetTree tree, LeafIndex leaf)
        {
            for (TreeNode node = tree.Root; !node.IsLeaf; node = node.ChildrenFor(leaf.Value).Towards)
                yield return node;
        }

        private static IEnumerable<TreeNode> InOrder(TreeNode node) => node.IsLeaf ? [node] : [.. InOrder(node.Left), node, .. InOrder(node.Right)];
    }
}
