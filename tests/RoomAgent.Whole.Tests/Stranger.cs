using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using RoomAgent.Agent.Ports;
using RoomAgent.Crypto;
using RoomAgent.Identity;
using RoomAgent.Meetings;
using RoomAgent.Mls;
using RoomAgent.Native.OpenSsl;
using RoomAgent.Wire;

namespace RoomAgent.Whole.Tests;

/// <summary>
/// Somebody with a good certificate of the hub's authority and a key of its own, who does by hand what no room does. What the hub's accomplices can do, inside a
/// group and outside, is what this can.
/// </summary>
internal sealed class Stranger : IAsyncDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(20);

    private readonly WholeRoom _device;
    private readonly RoomPolicy _policy;
    private readonly MlsClient _client;
    private readonly CancellationTokenSource _stop = new();
    private ISignalling? _signalling;
    private Task _living = Task.CompletedTask;

    private Stranger(WholeRoom device, RoomPolicy policy, SigningKey key, Credential credential)
    {
        (_device, _policy) = (device, policy);
        Identities = new MeetingIdentities(new CertificatePaths(OpenSslCrypto.Instance), Suite.Signature, policy.Anchors);
        _client = new MlsClient(Suite, Identities, OpenSslRandom.Instance, key, credential)
        {
            SupportedExtensions = [(ushort)RoomPolicy.ExtensionType],
            SupportedCredentials = [(ushort)CredentialType.X509],
        };
    }

    public static CipherSuite Suite { get; } = CipherSuite.Find(OpenSslCrypto.Instance, CipherSuiteId.P256Aes128GcmSha256P256)!;

    public Participant Who => new(Participant.HashOfKey(OpenSslCrypto.Instance, _client.SigningKey.PublicKey), ParticipantName.Of(_client.Credential)!.Value);

    public Credential Credential => _client.Credential;

    /// <summary>The group, when this is in it.</summary>
    public Group? Group { get; private set; }

    private IMeetingIdentities Identities { get; }

    /// <summary>One with the name of a device, and another key than the device has.</summary>
    /// <param name="device">The device, paired.</param>
    /// <param name="policy">The meeting that it is about.</param>
    public static async Task<Stranger> OfAsync(WholeRoom device, RoomPolicy policy)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        DeviceCertificate certificate = (await device.Account.CertifyAsync(new MadeKey(key), CancellationToken.None))!;
        return new Stranger(
            device,
            policy,
            Import(key),
            Credential.X509([.. certificate.Chain.Select(one => ByteString.CopyOf(one.Span))]));
    }

    /// <summary>Somebody else, with a certificate of any name.</summary>
    /// <param name="issue">Gives a chain for a request (PKCS #10), its own certificate first.</param>
    public Stranger Certified(Func<byte[], IReadOnlyList<byte[]>> issue)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("", key, System.Security.Cryptography.HashAlgorithmName.SHA256);
        IReadOnlyList<byte[]> chain = issue(request.CreateSigningRequest());
        return new Stranger(_device, _policy, Import(key), Credential.X509([.. chain.Select(ByteString.Owning)]));
    }

    /// <summary>A key package of it, as the service passes it on.</summary>
    public ByteString KeyPackage() => Encode(_client.CreateKeyPackage(Now()).KeyPackage);

    /// <summary>What lets somebody in, signed by this.</summary>
    public SignedHostAction SignAdmission(ByteString groupId, Participant who, ulong epoch) =>
        SignedHostAction.Sign(Suite, HostAction.Create(groupId, HostActionKind.Admit, who, epoch, OpenSslRandom.Instance), _client.Credential, _client.SigningKey);

    /// <summary>A commit by which it would join a group without being asked in.</summary>
    /// <param name="groupInfo">The group, as a member presented it to the service.</param>
    /// <param name="tree">Its tree.</param>
    public ByteString CommitFromOutside(ByteString groupInfo, ByteString tree)
    {
        GroupInfo info = MlsMessage.Decode(groupInfo)!.GroupInfo!;
        Assert.Null(Group.JoinExternally(_client, info, tree, null, new GroupSettings(), Time(), null, [], out ExternalJoin? joined));
        using Group group = joined!.Group;
        return ByteString.Owning(joined.Message.Encode());
    }

    /// <summary>As a member: a commit that adds somebody for whom nobody has signed.</summary>
    public ByteString CommitAdd(ByteString keyPackage, params SignedHostAction[] actions)
    {
        var options = new CommitOptions
        {
            Proposals = [new AddProposal(MlsMessage.Decode(keyPackage)!.KeyPackage!)],
            CoverReceived = false,
            ForcePath = true,
            TreeInWelcome = false,
            AuthenticatedData = SignedHostAction.EncodeList(actions),
        };
        Assert.Null(Group!.Commit(options, Time(), out PendingCommit? commit));
        return ByteString.Owning(commit!.Message.Encode());
    }

    /// <summary>Comes into the meeting as everybody does, and stays. Somebody has to let it in.</summary>
    public async Task EnterAsync()
    {
        _signalling = _device.Account.OpenSignalling();
        _signalling.Start();
        _signalling.Enter(_policy.Name.MeetingId, _policy.Name.Instance);
        OwnKeyPackage own = _client.CreateKeyPackage(Now());
        using var patience = new CancellationTokenSource(s_patience);
        while (Group is null)
        {
            switch (await _signalling.Events.ReadAsync(patience.Token))
            {
                case SeatTaken:
                    await _signalling.SayAsync(new Hello(_policy.Name.Instance, 0, 0, ByteString.CopyOf(_client.SigningKey.PublicKey)));
                    await _signalling.SayAsync(new PublishKeyPackages([Encode(own.KeyPackage)], default));
                    await _signalling.SayAsync(new JoinRequest([]));
                    break;
                case Heard heard when ServiceMessage.Decode(heard.Message) is WelcomeDelivery welcome:
                    Assert.Null(Group.Join(_client, MlsMessage.Decode(welcome.Welcome)!.Welcome!, own, welcome.Tree, new GroupSettings(), Time(), null, out Group? group));
                    Group = group;
                    await _signalling.SayAsync(new Ready(welcome.Generation, welcome.Epoch));
                    break;
            }
        }

        _living = StayAsync(Group.Epoch);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _living;
        if (_signalling is { } signalling)
            await signalling.DisposeAsync();
        Group?.Dispose();
        _client.SigningKey.Dispose();
        _stop.Dispose();
    }

    private async Task StayAsync(ulong epoch)
    {
        while (!_stop.IsCancellationRequested)
        {
            await _signalling!.SayAsync(new Ping(0, epoch, true));
            await Task.Delay(TimeSpan.FromSeconds(2), _stop.Token).ContinueWith(_ => { }, TaskScheduler.Default);
        }
    }

    private static SigningKey Import(ECDsa key) =>
        OpenSslCrypto.Instance.ImportSigningKey(SignatureScheme.EcdsaSecp256r1Sha256, key.ExportParameters(includePrivateParameters: true).D!)!;

    private static ByteString Encode(KeyPackage keyPackage) => ByteString.Owning(MlsMessage.Of(keyPackage).Encode());

    private static GroupTime Time() => new(new Instant(0), DateTimeOffset.UtcNow);

    private static Lifetime Now()
    {
        ulong now = (ulong)DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        return new Lifetime(now - 60, now + 3_600);
    }

    private sealed class MadeKey(ECDsa key) : IIdentityKey
    {
        public ReadOnlyMemory<byte> PublicKey { get; } = key.ExportSubjectPublicKeyInfo();

        public byte[] Sign(ReadOnlySpan<byte> text) => key.SignData(text.ToArray(), System.Security.Cryptography.HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);

        public void Dispose()
        {
        }
    }
}
