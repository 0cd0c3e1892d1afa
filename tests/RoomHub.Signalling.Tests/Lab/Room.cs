using RoomAgent.Agent.Ports;
using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging.Abstractions;
using RoomAgent.Agent.Meetings;
using RoomAgent.Cloud;
using RoomAgent.Crypto;
using RoomAgent.Enrolment;
using RoomAgent.Hub.Devices;
using RoomAgent.Hub.Identity;
using RoomAgent.Hub.Meetings;
using RoomAgent.Hub.Testing;
using RoomAgent.Identity;
using RoomAgent.Meetings;
using RoomAgent.Mls;
using RoomAgent.Native.OpenSsl;
using RoomAgent.Wire;
using Answer = RoomAgent.Hub.Testing.Answer;

namespace RoomAgent.Hub.Tests;

/// <summary>A room as it would be: a paired device with a certificate, the hub's client, and a real member of the meeting; all in real time.</summary>
public sealed class Room : IAsyncDisposable
{
    public static readonly CipherSuite Suite = CipherSuite.Find(OpenSslCrypto.Instance, CipherSuiteId.P256Aes128GcmSha256P256)!;

    private static readonly CertificatePaths s_paths = new(OpenSslCrypto.Instance);
    private static readonly long s_start = Stopwatch.GetTimestamp();

    private readonly Lock _lock = new();
    private CancellationTokenSource _stop = new();
    private readonly SemaphoreSlim _work = new(0);
    private Task _loop = Task.CompletedTask;

    private Room(TestHub hub, TestDevice device, string dnsName, Credential credential, SigningKey key)
    {
        Hub = hub;
        Device = device;
        DnsName = dnsName;
        Credential = credential;
        Key = key;
        Signalling = new HubSignalling(new DeviceCalls(device, hub), TimeProvider.System, NullLogger<HubSignalling>.Instance);
    }

    public TestHub Hub { get; }

    public TestDevice Device { get; }

    public string DnsName { get; }

    public Credential Credential { get; }

    public SigningKey Key { get; }

    public HubSignalling Signalling { get; private set; }

    public MeetingMember? Member { get; private set; }

    public ByteString Identity => SeatIdentity.OfDevice(DnsName);

    public Participant Who => new(Participant.HashOfKey(OpenSslCrypto.Instance, Key.PublicKey), ParticipantName.Of(Credential)!.Value);

    /// <summary>What the signalling said, but what it heard.</summary>
    public List<SignallingEvent> Events { get; } = [];

    public List<MemberEvent> MemberEvents { get; } = [];

    /// <summary>Lets in whoever waits.</summary>
    public bool LetsIn { get; set; }

    public static Instant Now => new(Stopwatch.GetElapsedTime(s_start).Ticks);

    private static GroupTime Time => new(Now, DateTimeOffset.UtcNow);

    /// <summary>Pairs a device by an activation code and gets it a certificate, over HTTP as ever.</summary>
    public static async Task<Room> PairAsync(Accounts accounts, OrganisationId organisation, params IPEndPoint[] doors)
    {
        var hub = new TestHub(accounts.Address, doors);
        var device = new TestDevice(hub);
        (ActivationCode code, _, _) = (await accounts.MakeCodeAsync(ActivationCodeForm.Letters, organisation, "School", "Room", "alice", TimeSpan.FromHours(1), default))!.Value;
        Answer registered = await device.RegisterAsync(code);
        Assert.Equal(HttpStatusCode.Created, registered.Status);
        Assert.Equal(HttpStatusCode.OK, (await device.FirstTokensAsync()).Status);
        return await CertifyAsync(hub, device);
    }

    /// <summary>Gets a device that is paired a certificate.</summary>
    public static async Task<Room> CertifyAsync(TestHub hub, TestDevice device)
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        byte[] request = new CertificateRequest("CN=room", key, HashAlgorithmName.SHA256).CreateSigningRequest();
        Answer issued = await device.CallAsync("/certificates/device", HttpMethod.Post, () => new ByteArrayContent(request) { Headers = { ContentType = new MediaTypeHeaderValue("application/pkcs10") } });
        Assert.Equal(HttpStatusCode.OK, issued.Status);
        Credential credential = CredentialOf(await issued.Response.Content.ReadAsStringAsync());
        string name = System.Text.Encoding.ASCII.GetString(ParticipantName.Of(credential)!.Value.Value.Span);
        return new Room(hub, device, name, credential, KeyOf(key));
    }

    /// <summary>A guest who comes by a link.</summary>
    public static async Task<Room> GuestAsync(HubAddress address, string path, params IPEndPoint[] doors)
    {
        var hub = new TestHub(address, doors);
        var device = new TestDevice(hub);
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        byte[] request = new CertificateRequest("CN=guest", key, HashAlgorithmName.SHA256).CreateSigningRequest();
        Answer joined = await device.SendAsync(HttpMethod.Post, path, () => new ByteArrayContent(request) { Headers = { ContentType = new MediaTypeHeaderValue("application/pkcs10") } });
        Assert.Equal(HttpStatusCode.OK, joined.Status);
        device.AccessToken = joined.Text("access_token");
        return new Room(hub, device, joined.Text("name"), CredentialOf(joined.Text("certificates")), KeyOf(key));
    }

    /// <summary>A policy with these rooms as hosts, under the hub's own authority.</summary>
    public static RoomPolicy Policy(Accounts accounts, bool strict, params Room[] hosts)
    {
        ByteString anchor = AnchorOf(accounts);
        return new RoomPolicy
        {
            Name = new GroupName(ByteString.CopyOf("weekly"u8), ByteString.Owning(RandomNumberGenerator.GetBytes(Limits.Instance)), 0),
            IsStrict = strict,
            Hosts = [.. hosts.Select(host => new MeetingHost(host.Who.Name, anchor))],
            Anchors = [anchor],
        };
    }

    public static ByteString AnchorOf(Accounts accounts)
    {
        Assert.Null(TrustAnchor.Read(accounts.Authority.Root, "hub", AnchorOrigin.Installed, out TrustAnchor? anchor));
        return anchor!.KeyHash;
    }

    /// <summary>Starts the member and joins.</summary>
    public void Join(RoomPolicy policy)
    {
        Member = new MeetingMember(new MemberSettings
        {
            Invitation = new Invitation { Policy = policy, IsTrusted = true },
            Suite = Suite,
            Credential = Credential,
            SigningKey = Key,
            Random = OpenSslRandom.Instance,
            Identities = new MeetingIdentities(s_paths, Suite.Signature, policy.Anchors),
            Judge = Everyone.Instance,
            SpareKeyPackages = 1,
        });
        Member.Join(Time);
        Signalling.Start();
        Signalling.Enter(policy.Name.MeetingId, policy.Name.Instance);
        _loop = Task.Run(RunAsync);
    }

    /// <summary>Does something to the member, and sends what follows from it.</summary>
    public T Do<T>(Func<MeetingMember, GroupTime, T> deed)
    {
        T result;
        lock (_lock)
            result = deed(Member!, Time);
        _work.Release();
        return result;
    }

    public T Look<T>(Func<MeetingMember, T> look)
    {
        lock (_lock)
            return look(Member!);
    }

    public bool IsIn => Look(member => member.Phase == MeetingPhase.InMeeting);

    public (ulong? Epoch, ByteString Authenticator) State => Look(member => (member.Epoch, ByteString.CopyOf(member.EpochAuthenticator)));

    /// <summary>The program dies and begins anew: member and connection are gone, key and account are not.</summary>
    public async Task RejoinAsync(RoomPolicy policy)
    {
        await StopAsync();
        _stop = new CancellationTokenSource();
        Signalling = new HubSignalling(new DeviceCalls(Device, Hub), TimeProvider.System, NullLogger<HubSignalling>.Instance);
        Join(policy);
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        Hub.Dispose();
    }

    private static Credential CredentialOf(string pem)
    {
        var chain = new X509Certificate2Collection();
        chain.ImportFromPem(pem);
        return Credential.X509([.. chain.Select(certificate => ByteString.CopyOf(certificate.RawData))]);
    }

    private static SigningKey KeyOf(ECDsa key) => OpenSslCrypto.Instance.ImportSigningKey(SignatureScheme.EcdsaSecp256r1Sha256, key.ExportParameters(true).D!)!;

    private async Task StopAsync()
    {
        await _stop.CancelAsync();
        await Signalling.DisposeAsync();
        await _loop;
        Member?.Dispose();
        _stop.Dispose();
    }

    private async Task RunAsync()
    {
        Task<bool> hearing = Signalling.Events.WaitToReadAsync(_stop.Token).AsTask();
        while (!_stop.IsCancellationRequested)
        {
            var say = new List<ClientMessage>();
            TimeSpan wait;
            lock (_lock)
            {
                while (Signalling.Events.TryRead(out SignallingEvent? happened))
                    Take(happened);
                Member!.HandleTimeout(Time);
                while (Member.TryPollEvent(out MemberEvent? happened))
                    Take(happened);
                while (Member.TryPollKeys(out KeyChange? change))
                    (change as Agent.Meetings.EpochBegan)?.BaseKey.Dispose();
                while (Member.TryPollMessage(out ClientMessage? message))
                    say.Add(message);
                Instant next = Member.PollTimeout();
                wait = next == Instant.Never ? TimeSpan.FromSeconds(1) : next - Now;
            }

            foreach (ClientMessage message in say)
                await Signalling.SayAsync(message);
            if (say.Count > 0)
                continue;

            if (hearing.IsCompleted)
            {
                if (!hearing.IsCompletedSuccessfully || !hearing.Result)
                {
                    await Task.Delay(20);
                    continue;
                }

                hearing = Signalling.Events.WaitToReadAsync(_stop.Token).AsTask();
            }

            if (wait > TimeSpan.Zero)
                await Task.WhenAny(hearing, _work.WaitAsync(wait < TimeSpan.FromSeconds(1) ? wait : TimeSpan.FromSeconds(1)));
        }
    }

    private void Take(SignallingEvent happened)
    {
        switch (happened)
        {
            case SeatTaken:
                Member!.HandleConnected(Time);
                break;
            case SeatLost:
                Member!.HandleDisconnected(Time);
                break;
            case Heard heard:
                Member!.HandleMessage(heard.Message, Time);
                return;
        }

        Events.Add(happened);
    }

    private void Take(MemberEvent happened)
    {
        MemberEvents.Add(happened);
        if (!LetsIn || happened is not LobbyChanged lobby)
            return;

        foreach ((Participant who, _) in lobby.Waiting)
            Member!.Admit(who, Time);
    }

    private sealed class Everyone : IMemberJudge
    {
        public static readonly Everyone Instance = new();

        public Refusal? Judge(Credential credential, ByteString signatureKey, DateTimeOffset date) => null;
    }
}
