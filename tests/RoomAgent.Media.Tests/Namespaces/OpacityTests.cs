using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using RoomAgent.Crypto;
using RoomAgent.Native.OpenSsl;
using RoomAgent.SFrame;
using HashAlgorithm = RoomAgent.Crypto.HashAlgorithm;

namespace RoomAgent.Media.Tests.Namespaces;

/// <summary>The node has the hop keys, and nothing that opens a frame (REQUIREMENTS A01, B04, B20).</summary>
[Trait("Category", "Peer")]
[Collection(nameof(NamespaceCollection))]
public sealed class OpacityTests(ITestOutputHelper output)
{
    private const string Words = "What is said in this very room stays in it: ";
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    [Fact]
    public void TheMemoryOfTheNodeHoldsNeitherAFrameNorAKeyThatOpensOne()
    {
        Assert.SkipWhen(Host.Missing is not null, $"{Host.Missing}");
        byte[] baseKey = RandomNumberGenerator.GetBytes(32);
        using var site = new Site();
        LabProcess hub = LabProcess.Start(site.Hub, "node", "--listen", Site.HubAddress);
        string trust = (string)hub.WaitFor("ready", s_patience)["certificate"]!;
        LabProcess[] rooms = [.. new[] { 1, 2 }.Select(leaf => LabProcess.Start(
            leaf == 1 ? site.Hub : site.Room,
            "room", "--hub", Site.HubAddress, "--trust", trust, "--leaf", $"{leaf}", "--secret", Convert.ToHexStringLower(baseKey), "--words", Words))];
        foreach (LabProcess room in rooms)
            room.WaitFor("picture", s_patience);

        (string Name, byte[] Bytes)[] secrets = [("a frame", Encoding.UTF8.GetBytes(Words + Words)), ("the exporter's base key", baseKey), .. FrameKeys(baseKey)];
        byte[][] needles = [.. secrets.Select(secret => secret.Bytes)];
        for (int look = 0; look < 3; look++)
        {
            Assert.Empty(ProcessMemory.Find(hub.Id, needles, out long read).Select(i => secrets[i].Name));
            output.WriteLine($"{read >> 20} MiB of the node hold none of {needles.Length} secrets");
            Assert.True(read > 20 << 20);
        }

        // The same look finds them where they belong, and pictures were forwarded all the while.
        IReadOnlySet<int> inTheRoom = ProcessMemory.Find(rooms[1].Id, needles, out _);
        Assert.Contains(0, inTheRoom);
        Assert.True(inTheRoom.Count > 1, $"{string.Join(", ", inTheRoom.Select(i => secrets[i].Name))}");
        Thread.Sleep(TimeSpan.FromSeconds(1));
        Assert.True((int)rooms[1].Status()["shown"]! > 20);
    }

    // Every key and salt that SFrame derives for the four streams (RFC 9605 section 4.4.2), and the secret between.
    private static IEnumerable<(string Name, byte[] Bytes)> FrameKeys(byte[] baseKey)
    {
        OpenSslCrypto crypto = OpenSslCrypto.Instance;
        byte[] secret = new byte[64];
        crypto.HkdfExtract(HashAlgorithm.Sha512, [], baseKey, secret);
        yield return ("the SFrame secret", secret);

        foreach (int leaf in new[] { 1, 2 })
        {
            foreach (FrameContext context in new[] { FrameContext.Audio, FrameContext.Camera })
            {
                byte[] tail = new byte[10];
                BinaryPrimitives.WriteUInt64BigEndian(tail, KeyId.Of(context, leaf, epoch: 1).Value);
                BinaryPrimitives.WriteUInt16BigEndian(tail.AsSpan(8), (ushort)SFrameCipherSuite.Aes256GcmSha512);

                byte[] key = new byte[32];
                crypto.HkdfExpand(HashAlgorithm.Sha512, secret, [.. "SFrame 1.0 Secret key "u8, .. tail], key);
                yield return ($"the key of {context} of leaf {leaf}", key);

                byte[] salt = new byte[12];
                crypto.HkdfExpand(HashAlgorithm.Sha512, secret, [.. "SFrame 1.0 Secret salt "u8, .. tail], salt);
                yield return ($"the salt of {context} of leaf {leaf}", salt);
            }
        }
    }
}
