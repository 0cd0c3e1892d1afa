using System.Text.Json;
using RoomAgent.Crypto;
using RoomAgent.Testing;
using RoomAgent.Wire;
using static RoomAgent.Mls.Tests.Vectors.VectorFile;

namespace RoomAgent.Mls.Tests.Vectors;

/// <summary>Vectors of whole groups: a Welcome, then epochs that others make.</summary>
public sealed class PassiveClientVectorTests
{
    [Fact]
    public void Welcomes() => ForEachCase(["init_priv", "signer_pub", "welcome", "key_package"], vector =>
    {
        CipherSuite suite = vector.Suite();
        KeyPackage keyPackage = MlsMessage.Decode(vector.Bytes("key_package"))!.KeyPackage!;
        Welcome welcome = MlsMessage.Decode(vector.Bytes("welcome"))!.Welcome!;
        using KemPrivateKey initKey = vector.KemKey(suite, "init_priv");
        EncryptedGroupSecrets ours = welcome.Secrets.Single(entry => entry.NewMember == keyPackage.Reference(suite));

        using Secret plaintext = suite.DecryptWithLabel(initKey, "Welcome"u8, welcome.EncryptedGroupInfo, ours.Ciphertext)!;
        using GroupSecrets secrets = Structure.Decode(plaintext.Bytes, GroupSecrets.Read)!;
        using Secret pskSecret = PskSecret.Compute(suite, []);
        Assert.Null(WelcomeCrypto.Decrypt(suite, secrets.JoinerSecret, pskSecret, welcome.EncryptedGroupInfo, out GroupInfo? info));
        using VerifyingKey signer = suite.Crypto.ImportVerifyingKey(suite.Signature, vector.Bytes("signer_pub"))!;
        Assert.True(info!.VerifySignature(signer));
        using EpochSecrets epoch = EpochSecrets.FromJoinerSecret(suite, secrets.JoinerSecret, pskSecret, info.GroupContext.Encode());
        Assert.Equal(info.ConfirmationTag, Epoch.ConfirmationTag(suite, epoch, info.GroupContext.ConfirmedTranscriptHash));
    });

    [Fact]
    public void PassiveClients() => ForEachCase(["external_psks", "initial_epoch_authenticator", "epochs"], vector =>
    {
        CipherSuite suite = vector.Suite();
        KeyPackage published = MlsMessage.Decode(vector.Bytes("key_package"))!.KeyPackage!;
        using SigningKey signing = vector.SigningKey(suite, "signature_priv");
        var client = new MlsClient(suite, TrustEveryone.Instance, new SeededRandom(1), signing, published.LeafNode.Credential);
        using var keyPackage = new OwnKeyPackage(published, vector.KemKey(suite, "init_priv"), vector.KemKey(suite, "encryption_priv"));
        var psks = new PskTable(vector.GetProperty("external_psks").EnumerateArray().ToDictionary(psk => psk.ByteString("psk_id"), psk => psk.Bytes("psk")));
        Welcome welcome = MlsMessage.Decode(vector.Bytes("welcome"))!.Welcome!;

        Assert.Null(Group.Join(client, welcome, keyPackage, vector.OptionalBytes("ratchet_tree"), new GroupSettings(), TestClients.Time, psks, out Group? group));
        Assert.Equal(vector.Text("initial_epoch_authenticator"), Hex(group!.EpochAuthenticator));

        foreach (JsonElement epoch in vector.GetProperty("epochs").EnumerateArray())
        {
            foreach (JsonElement proposal in epoch.GetProperty("proposals").EnumerateArray())
            {
                Assert.Null(group.Receive(MlsMessage.Decode(Convert.FromHexString(proposal.GetString()!))!, TestClients.Time, out Received? received));
                Assert.IsType<ProposalMessage>(received);
            }

            Assert.Null(group.Receive(MlsMessage.Decode(epoch.Bytes("commit"))!, TestClients.Time, out Received? commit));
            Assert.Null(group.Merge(((CommitMessage)commit!).Staged, TestClients.Time.Now));
            Assert.Equal(epoch.Text("epoch_authenticator"), Hex(group.EpochAuthenticator));
        }

        group.Dispose();
    });
}
