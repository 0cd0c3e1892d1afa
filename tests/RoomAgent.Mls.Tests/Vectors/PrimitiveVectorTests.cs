using System.Text.Json;
using RoomAgent.Crypto;
using RoomAgent.Testing;
using RoomAgent.Wire;
using static RoomAgent.Mls.Tests.Vectors.VectorFile;

namespace RoomAgent.Mls.Tests.Vectors;

/// <summary>Vectors of what the protocol is made of: numbers, labels, hashes, the key schedule.</summary>
public sealed class PrimitiveVectorTests
{
    [Fact]
    public void Deserialization() => ForEachCase(["vlbytes_header", "length"], vector =>
    {
        var reader = new WireReader(vector.Bytes("vlbytes_header"));
        Assert.Equal(vector.GetProperty("length").GetInt32(), reader.ReadVarint());
        Assert.True(reader.Complete);

        var writer = new WireWriter(new byte[4]);
        writer.WriteVarint(vector.GetProperty("length").GetInt32());
        Assert.Equal(vector.Text("vlbytes_header"), Hex(writer.Written));
    });

    [Fact]
    public void TreeMathematics() => ForEachCase(["n_leaves", "n_nodes", "root", "sibling"], vector =>
    {
        uint leaves = vector.GetProperty("n_leaves").GetUInt32();
        Assert.Equal(vector.GetProperty("n_nodes").GetUInt32(), TreeMath.NodeCount(leaves));
        Assert.Equal(vector.GetProperty("root").GetUInt32(), TreeMath.Root(leaves));
        for (uint node = 0; node < TreeMath.NodeCount(leaves); node++)
        {
            AssertAnswer(vector, "left", node, () => TreeMath.Left(node));
            AssertAnswer(vector, "right", node, () => TreeMath.Right(node));
            AssertAnswer(vector, "parent", node, () => TreeMath.Parent(node, leaves));
            AssertAnswer(vector, "sibling", node, () => TreeMath.Sibling(node, leaves));
        }
    });

    [Fact]
    public void CryptoBasics() => ForEachCase(["ref_hash", "expand_with_label", "sign_with_label"], vector =>
    {
        CipherSuite suite = vector.Suite();

        JsonElement refHash = vector.GetProperty("ref_hash");
        Assert.Equal(refHash.Text("out"), suite.RefHash(refHash.Label("label"), refHash.Bytes("value")).ToString());

        JsonElement expand = vector.GetProperty("expand_with_label");
        byte[] output = new byte[expand.GetProperty("length").GetInt32()];
        suite.ExpandWithLabel(expand.Bytes("secret"), expand.Label("label"), expand.Bytes("context"), output);
        Assert.Equal(expand.Text("out"), Hex(output));

        JsonElement derive = vector.GetProperty("derive_secret");
        Assert.Equal(derive.Text("out"), Hex(suite.DeriveSecret(derive.Bytes("secret"), derive.Label("label")).Bytes));

        JsonElement tree = vector.GetProperty("derive_tree_secret");
        output = new byte[tree.GetProperty("length").GetInt32()];
        suite.DeriveTreeSecret(tree.Bytes("secret"), tree.Label("label"), tree.GetProperty("generation").GetUInt32(), output);
        Assert.Equal(tree.Text("out"), Hex(output));

        JsonElement sign = vector.GetProperty("sign_with_label");
        using SigningKey signing = sign.SigningKey(suite, "priv");
        using VerifyingKey verifying = suite.Crypto.ImportVerifyingKey(suite.Signature, sign.Bytes("pub"))!;
        Assert.True(CipherSuite.VerifyWithLabel(verifying, sign.Label("label"), sign.Bytes("content"), sign.Bytes("signature")));
        ByteString ours = suite.SignWithLabel(signing, sign.Label("label"), sign.Bytes("content"));
        Assert.True(CipherSuite.VerifyWithLabel(verifying, sign.Label("label"), sign.Bytes("content"), ours));

        JsonElement encrypt = vector.GetProperty("encrypt_with_label");
        using KemPrivateKey priv = encrypt.KemKey(suite, "priv");
        using KemPublicKey pub = suite.Crypto.ImportKemPublicKey(suite.Hpke.Kem, encrypt.Bytes("pub"))!;
        var theirs = new HpkeCiphertext(encrypt.ByteString("kem_output"), encrypt.ByteString("ciphertext"));
        HpkeCiphertext again = suite.EncryptWithLabel(pub, encrypt.Label("label"), encrypt.Bytes("context"), encrypt.Bytes("plaintext"), new SeededRandom(1))!;
        foreach (HpkeCiphertext ciphertext in new[] { theirs, again })
        {
            using Secret? plaintext = suite.DecryptWithLabel(priv, encrypt.Label("label"), encrypt.Bytes("context"), ciphertext);
            Assert.Equal(encrypt.Text("plaintext"), Hex(plaintext!.Bytes));
        }
    });

    [Fact]
    public void SecretTrees() => ForEachCase(["encryption_secret", "sender_data", "leaves"], vector =>
    {
        CipherSuite suite = vector.Suite();
        JsonElement[] leaves = [.. vector.GetProperty("leaves").EnumerateArray()];
        using var tree = new SecretTree(suite, vector.Bytes("encryption_secret"), (uint)leaves.Length, RatchetWindow.Default);
        for (uint leaf = 0; leaf < leaves.Length; leaf++)
        {
            foreach (JsonElement generation in leaves[leaf].EnumerateArray())
            {
                AssertKey(tree, leaf, ContentType.Application, generation, "application");
                AssertKey(tree, leaf, ContentType.Commit, generation, "handshake");
            }
        }

        JsonElement senderData = vector.GetProperty("sender_data");
        using Secret senderDataSecret = senderData.Secret("sender_data_secret");
        using MessageKey key = MessageProtection.SenderDataKey(suite, senderDataSecret, senderData.Bytes("ciphertext"));
        Assert.Equal(senderData.Text("key"), Hex(key.Key));
        Assert.Equal(senderData.Text("nonce"), Hex(key.Nonce));
    });

    [Fact]
    public void KeySchedules() => ForEachCase(["group_id", "initial_init_secret", "epochs"], vector =>
    {
        CipherSuite suite = vector.Suite();
        Secret initSecret = vector.Secret("initial_init_secret");
        ulong number = 0;
        foreach (JsonElement epoch in vector.GetProperty("epochs").EnumerateArray())
        {
            var context = new GroupContext(suite.Id, vector.ByteString("group_id"), number++, epoch.ByteString("tree_hash"), epoch.ByteString("confirmed_transcript_hash"), []);
            ByteString encoded = context.Encode();
            using Secret joinerSecret = EpochSecrets.JoinerSecret(suite, initSecret, epoch.Bytes("commit_secret"), encoded);
            using Secret pskSecret = epoch.Secret("psk_secret");
            using Secret welcomeSecret = EpochSecrets.WelcomeSecret(suite, joinerSecret, pskSecret);
            EpochSecrets secrets = EpochSecrets.FromJoinerSecret(suite, joinerSecret, pskSecret, encoded);

            Assert.Equal(epoch.Text("group_context"), encoded.ToString());
            Assert.Equal(epoch.Text("joiner_secret"), Hex(joinerSecret.Bytes));
            Assert.Equal(epoch.Text("welcome_secret"), Hex(welcomeSecret.Bytes));
            Assert.Equal(epoch.Text("init_secret"), Hex(secrets.InitSecret.Bytes));
            Assert.Equal(epoch.Text("sender_data_secret"), Hex(secrets.SenderDataSecret.Bytes));
            Assert.Equal(epoch.Text("encryption_secret"), Hex(secrets.EncryptionSecret.Bytes));
            Assert.Equal(epoch.Text("exporter_secret"), Hex(secrets.ExporterSecret.Bytes));
            Assert.Equal(epoch.Text("epoch_authenticator"), Hex(secrets.EpochAuthenticator.Bytes));
            Assert.Equal(epoch.Text("external_secret"), Hex(secrets.ExternalSecret.Bytes));
            Assert.Equal(epoch.Text("confirmation_key"), Hex(secrets.ConfirmationKey.Bytes));
            Assert.Equal(epoch.Text("membership_key"), Hex(secrets.MembershipKey.Bytes));
            Assert.Equal(epoch.Text("resumption_psk"), Hex(secrets.ResumptionPsk.Bytes));
            using KemPrivateKey external = secrets.ExternalKeyPair();
            Assert.Equal(epoch.Text("external_pub"), Hex(external.PublicKey));

            JsonElement exporter = epoch.GetProperty("exporter");
            byte[] exported = new byte[exporter.GetProperty("length").GetInt32()];
            secrets.Export(exporter.Label("label"), exporter.Bytes("context"), exported);
            Assert.Equal(exporter.Text("secret"), Hex(exported));
            initSecret = secrets.InitSecret;
        }
    });

    [Fact]
    public void PskSecrets() => ForEachCase(["psks", "psk_secret"], vector =>
    {
        using Secret pskSecret = PskSecret.Compute(vector.Suite(), [.. vector.GetProperty("psks").EnumerateArray().Select(psk =>
            (PreSharedKeyId.External(psk.ByteString("psk_id"), psk.ByteString("psk_nonce")), psk.Secret("psk")))]);

        Assert.Equal(vector.Text("psk_secret"), Hex(pskSecret.Bytes));
    });

    [Fact]
    public void TranscriptHashes() => ForEachCase(["authenticated_content", "interim_transcript_hash_before"], vector =>
    {
        CipherSuite suite = vector.Suite();
        AuthenticatedContent commit = Structure.Decode(vector.Bytes("authenticated_content"), AuthenticatedContent.Read)!;

        ByteString confirmed = Transcript.Confirmed(suite, vector.ByteString("interim_transcript_hash_before"), commit);
        ByteString interim = Transcript.Interim(suite, confirmed, commit.ConfirmationTag);

        Assert.Equal(vector.Text("confirmed_transcript_hash_after"), confirmed.ToString());
        Assert.Equal(vector.Text("interim_transcript_hash_after"), interim.ToString());
        Assert.True(suite.VerifyMac(vector.Bytes("confirmation_key"), confirmed, commit.ConfirmationTag));
    });

    private static void AssertAnswer(JsonElement vector, string question, uint node, Func<uint> answer)
    {
        JsonElement expected = vector.GetProperty(question)[(int)node];
        if (expected.ValueKind == JsonValueKind.Null)
            Assert.Throws<ArgumentOutOfRangeException>(() => answer());
        else
            Assert.Equal(expected.GetUInt32(), answer());
    }

    private static void AssertKey(SecretTree tree, uint leaf, ContentType type, JsonElement generation, string name)
    {
        using TakenKey? taken = tree.Take(new LeafIndex(leaf), type, generation.GetProperty("generation").GetUInt32());
        Assert.Equal(generation.Text($"{name}_key"), Hex(taken!.Key.Key));
        Assert.Equal(generation.Text($"{name}_nonce"), Hex(taken.Key.Nonce));
    }
}
