using RoomAgent.Crypto;
using RoomAgent.Hub.MediaNode;
using RoomAgent.Native.OpenSsl;
using RoomAgent.Net;

namespace RoomHub.Tests.Routing;

/// <summary>Legs come, are leases, and go at once (REQUIREMENTS B22).</summary>
public sealed class LifeTests : IDisposable
{
    private readonly CountedCrypto _crypto = new();
    private readonly Scene _scene;

    public LifeTests() => _scene = new Scene(crypto: _crypto);

    public void Dispose() => _scene.Dispose();

    [Fact]
    public void WhoIsRemovedGetsAndGivesNothingMore()
    {
        Member[] met = _scene.Meet(3);

        Assert.True(_scene.Router.Remove(met[0].Plan.Id));
        met[0].Send(StreamKind.Voice, 1, level: 10);
        met[0].SayHello();
        met[1].Send(StreamKind.Voice, 1, level: 10);
        _scene.RunFor(TimeSpan.FromSeconds(2));

        Assert.Empty(met[0].Datagrams);
        Assert.Empty(met[1].PacketsOf(met[0], StreamKind.Voice));
        Assert.Single(met[2].PacketsOf(met[1], StreamKind.Voice));
        Assert.Equal(2, _scene.Router.Counters.UnknownSource);
        Assert.False(_scene.Router.Remove(met[0].Plan.Id));
    }

    [Fact]
    public void TheKeysOfALegAreGoneWhenItIsRemoved()
    {
        Member[] met = _scene.Meet(3);
        int alive = _crypto.Alive;

        _scene.Router.Remove(met[1].Plan.Id);
        Assert.Equal(alive * 2 / 3, _crypto.Alive);

        _scene.Router.RemoveAll();
        Assert.Equal(0, _crypto.Alive);
        Assert.Equal(0, _scene.Router.LegCount);
    }

    [Fact]
    public void ALeaseEndsUnlessItIsRenewed()
    {
        Member[] met = _scene.Meet(2);
        for (int i = 0; i < 5; i++)
        {
            Assert.Equal(Renewal.Renewed, _scene.Router.Renew(met[0].Plan.Id, _scene.Now));
            _scene.RunFor(TimeSpan.FromSeconds(3));
        }

        Assert.Equal(1, _scene.Router.LegCount);
        Assert.Equal(1, _scene.Router.Counters.Expired);
        Assert.Equal(Renewal.Unknown, _scene.Router.Renew(met[1].Plan.Id, _scene.Now));

        _scene.RunFor(TimeSpan.FromSeconds(11));
        Assert.Equal(0, _crypto.Alive);
    }

    [Fact]
    public void ALegThatHasNearlyAsManySourcesAsItsKeyMayHaveWantsANewOffer()
    {
        Member stays = _scene.Join();
        stays.SayHello();
        int guests = 0;

        // Guests come, say one word, and go; no source is forgotten under a key.
        for (; _scene.Router.Renew(stays.Plan.Id, _scene.Now) == Renewal.Renewed; guests++)
        {
            Assert.True(guests < 8_192);
            Member guest = _scene.Join([StreamKind.Voice]);
            guest.Send(StreamKind.Voice, 1, level: 10);
            _scene.Router.Remove(guest.Plan.Id);
        }

        Assert.Equal(Renewal.NeedsNewKeys, _scene.Router.Renew(stays.Plan.Id, _scene.Now));
        Assert.Equal(8_192 * 15 / 16, guests);
        Assert.Equal(guests, stays.Packets.Count + stays.Refused);
    }

    [Fact]
    public void ANewOfferOfTheSameNameTakesThePlaceOfTheOld()
    {
        Member[] met = _scene.Meet(2);
        Member again = _scene.Join(name: 0);
        again.SayHello();

        met[0].Send(StreamKind.Voice, 1, level: 10);
        again.Send(StreamKind.Voice, 1, level: 10);
        met[1].Send(StreamKind.Voice, 1, level: 10);

        Assert.Equal(2, _scene.Router.LegCount);
        Assert.NotEqual(met[0].Sources.Streams, again.Sources.Streams);
        Assert.Equal(again.SourceOf(StreamKind.Voice), Assert.Single(met[1].Packets).Header.Ssrc);
        Assert.Empty(met[0].Packets);
        Assert.Single(again.Packets);
    }

    [Fact]
    public void AMeetingThatEndedLeavesNothingBehind()
    {
        Member[] first = _scene.Meet(2);
        foreach (Member member in first)
            _scene.Router.Remove(member.Plan.Id);

        Member[] second = _scene.Meet(2);
        second[0].Send(StreamKind.Voice, 1, level: 10);

        Assert.Single(second[1].Packets);
        Assert.All(first, member => Assert.Empty(member.Packets));
    }

    [Fact]
    public void EveryConnectionThatALegUsedIsClosedWithIt()
    {
        Member[] met = _scene.Meet(2);
        var tcp = new Connection();
        met[0].Flow = Flow.Over(tcp);
        met[0].Send(StreamKind.Voice, 1, level: 10);
        met[0].Flow = Scene.Address(70);
        met[0].Send(StreamKind.Voice, 2, level: 10);
        Assert.True(tcp.IsAdmitted);
        Assert.Null(tcp.Closed);

        _scene.Router.Remove(met[0].Plan.Id);

        Assert.Equal(CloseReason.Revoked, tcp.Closed);
    }

    [Fact]
    public void AConnectionThatLivesThroughANewOfferEndsWithTheNewLeg()
    {
        Member[] met = _scene.Meet(2);
        var tcp = new Connection();
        met[0].Flow = Flow.Over(tcp);
        met[0].Send(StreamKind.Voice, 1, level: 10);

        Member again = _scene.Join(name: 0);
        Assert.Null(tcp.Closed);
        _scene.Router.Remove(again.Plan.Id);

        Assert.Equal(CloseReason.Revoked, tcp.Closed);
    }

    [Fact]
    public void AnOfferThatFailsLeavesTheLegBeforeAsItWas()
    {
        Member[] met = _scene.Meet(2);
        using Secret cut = Secret.CopyOf(new byte[5]);

        Assert.ThrowsAny<ArgumentException>(() => _scene.Router.Add(met[0].Plan with { SendKey = cut }, _scene.Now));
        Assert.ThrowsAny<ArgumentException>(() => _scene.Router.Add(met[0].Plan with { Id = new LegId(new Guid(77, 0, 0, new byte[8])), SendKey = cut }, _scene.Now));
        met[0].Send(StreamKind.Voice, 1, level: 10);
        met[1].Send(StreamKind.Voice, 1, level: 10);

        Assert.Equal(2, _scene.Router.LegCount);
        Assert.Single(met[0].Packets);
        Assert.Single(met[1].Packets);
    }

    [Fact]
    public void ALegHoldsFewConnectionsAtATime()
    {
        Member[] met = _scene.Meet(2);
        Connection[] connections = [.. Enumerable.Range(0, 20).Select(_ => new Connection())];
        for (int i = 0; i < connections.Length; i++)
        {
            met[0].Flow = Flow.Over(connections[i]);
            met[0].Send(StreamKind.Voice, 1 + i, level: 10);
        }

        Assert.All(connections[..^4], connection => Assert.Equal(CloseReason.ByOwner, connection.Closed));
        Assert.All(connections[^4..], connection => Assert.Null(connection.Closed));
    }

    [Fact]
    public void AConnectionIsNotAdmittedByAForgery()
    {
        Member[] met = _scene.Meet(2);
        var tcp = new Connection();
        byte[] forged = met[0].Seal(StreamKind.Voice, 1, Member.Frame);
        forged[^1] ^= 1;

        _scene.Handle(forged, Flow.Over(tcp));

        Assert.False(tcp.IsAdmitted);
    }

    /// <summary>Counts the keys that live.</summary>
    private sealed class CountedCrypto : ICryptoProvider
    {
        private readonly OpenSslCrypto _crypto = OpenSslCrypto.Instance;

        public int Alive { get; private set; }

        public Aead? CreateAead(AeadAlgorithm algorithm, ReadOnlySpan<byte> key)
        {
            Alive++;
            return new Counted(this, _crypto.CreateAead(algorithm, key)!);
        }

        public Keystream? CreateKeystream(ReadOnlySpan<byte> key) => _crypto.CreateKeystream(key);

        public Mac CreateMac(HashAlgorithm algorithm, ReadOnlySpan<byte> key) => _crypto.CreateMac(algorithm, key);

        public void Hash(HashAlgorithm algorithm, ReadOnlySpan<byte> data, Span<byte> digest) => _crypto.Hash(algorithm, data, digest);

        public void Pbkdf2(HashAlgorithm algorithm, ReadOnlySpan<byte> password, ReadOnlySpan<byte> salt, int iterations, Span<byte> output) =>
            _crypto.Pbkdf2(algorithm, password, salt, iterations, output);

        public void Hmac(HashAlgorithm algorithm, ReadOnlySpan<byte> key, ReadOnlySpan<byte> data, Span<byte> mac) => _crypto.Hmac(algorithm, key, data, mac);

        public SigningKey? ImportSigningKey(SignatureScheme scheme, ReadOnlySpan<byte> privateKey) => _crypto.ImportSigningKey(scheme, privateKey);

        public VerifyingKey? ImportVerifyingKey(SignatureScheme scheme, ReadOnlySpan<byte> publicKey) => _crypto.ImportVerifyingKey(scheme, publicKey);

        public KemPrivateKey? ImportKemPrivateKey(KemGroup group, ReadOnlySpan<byte> privateKey) => _crypto.ImportKemPrivateKey(group, privateKey);

        public KemPublicKey? ImportKemPublicKey(KemGroup group, ReadOnlySpan<byte> publicKey) => _crypto.ImportKemPublicKey(group, publicKey);

        private sealed class Counted(CountedCrypto owner, Aead aead) : Aead
        {
            public override AeadAlgorithm Algorithm => aead.Algorithm;

            public override void Seal(ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> associatedData, ReadOnlySpan<byte> plaintext, Span<byte> ciphertext) =>
                aead.Seal(nonce, associatedData, plaintext, ciphertext);

            public override bool TryOpen(ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> associatedData, ReadOnlySpan<byte> ciphertext, Span<byte> plaintext) =>
                aead.TryOpen(nonce, associatedData, ciphertext, plaintext);

            protected override void Dispose(bool disposing)
            {
                owner.Alive--;
                aead.Dispose();
            }
        }
    }
}
