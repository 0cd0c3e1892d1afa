using System.Buffers.Binary;
using System.Diagnostics;
using System.Net;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Threading.Channels;
using RoomAgent.Agent.Media;
using RoomAgent.Crypto;
using RoomAgent.Native.OpenSsl;
using RoomAgent.Net;
using RoomAgent.Rtp;
using RoomAgent.SFrame;
using RoomAgent.Wire;

namespace RoomAgent.MediaLab;

/// <summary>Who a room of the lab is.</summary>
internal sealed record LabRoomPlan(string Hub, string Trust, int Leaf, byte[] Secret, string? Proxy, byte[] Words);

/// <summary>A room without devices: it sends numbered pictures and sound, and tells what it gets from the others.</summary>
/// <remarks>
/// Commands on the standard input: <c>mark</c> begins a new measurement of the longest time without a picture, <c>status</c> has it told, <c>quit</c> ends the room.
/// </remarks>
internal sealed class LabRoom
{
    private const int PictureLength = 5_000;
    private static readonly TimeSpan s_picture = TimeSpan.FromSeconds(1 / 30.0);
    private static readonly TimeSpan s_sound = TimeSpan.FromMilliseconds(20);

    private readonly LabRoomPlan _plan;
    private readonly MediaSession _session;
    private readonly Channel<byte[]> _received = Channel.CreateBounded<byte[]>(4_096);
    private readonly byte[] _datagram = new byte[1_500];
    private readonly byte[] _frame = new byte[4 * PictureLength];
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private int _pictures;
    private int _sounds;
    private int _shown;
    private int _undecodable;
    private int _lastNumber = -1;
    private TimeSpan _lastShown;
    private TimeSpan _longestGap;
    private bool _hasNewPath;

    private LabRoom(LabRoomPlan plan, MediaSession session)
    {
        _plan = plan;
        _session = session;
    }

    private Instant Now => new(_clock.Elapsed.Ticks);

    public static async Task<int> RunAsync(LabRoomPlan plan, CancellationToken stopping)
    {
        MediaProxy? proxy = plan.Proxy is null ? null : MediaProxy.Parse(plan.Proxy);
        bool isTrusted(object _, X509Certificate? certificate, X509Chain? _1, SslPolicyErrors _2) =>
            certificate is not null && Convert.ToHexStringLower(SHA256.HashData(certificate.GetRawCertData())) == plan.Trust;

        var began = Stopwatch.StartNew();
        using var negotiation = new MediaNegotiation(OpenSslRandom.Instance, new SuitePolicy(), new HashSet<FrameContext> { FrameContext.Audio, FrameContext.Camera });
        if (await OfferAsync(plan, negotiation, proxy, isTrusted) is not { } media)
            return 1;

        using var keyring = new EpochKeyring(OpenSslCrypto.Instance, new KeyringSettings());
        using var session = new MediaSession(media, keyring, OpenSslCrypto.Instance, new MediaSettings());
        var room = new LabRoom(plan, session);
        keyring.AddEpoch(new FrameEpoch { Number = 1, OwnLeaf = plan.Leaf, LeafCount = 16 }, Secret.CopyOf(plan.Secret), room.Now);

        TransportAddress[] doors = [.. negotiation.Transports];
        var address = new MediaNodeAddress(plan.Hub, new Uri(doors.Single(door => door.Transport == MediaTransport.Wss).Host.Replace("https", "wss", StringComparison.Ordinal)));
        var settings = new MediaPathSettings { Node = address, Transport = new TransportSettings { Proxy = proxy, CertificateValidation = isTrusted } };
        await using var path = new MediaPath(
            settings, OpenSslRandom.Instance, room.Receive,
            change =>
            {
                Volatile.Write(ref room._hasNewPath, true);
                Report.Write("path", ("kind", change.Kind?.ToString()), ("cause", change.Cause.ToString()), ("ms", began.ElapsedMilliseconds));
            });

        using var ending = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        Task commands = Task.Run(() => room.ObeyAsync(ending), CancellationToken.None);
        await room.LiveAsync(path, began, ending.Token);
        await commands;
        return 0;
    }

    private static async Task<MediaPlan?> OfferAsync(LabRoomPlan plan, MediaNegotiation negotiation, MediaProxy? proxy, RemoteCertificateValidationCallback isTrusted)
    {
        using var handler = new SocketsHttpHandler { SslOptions = new SslClientAuthenticationOptions { RemoteCertificateValidationCallback = isTrusted }, UseProxy = proxy is not null };
        if (plan.Proxy is not null)
        {
            var uri = new Uri(plan.Proxy);
            string[] user = Uri.UnescapeDataString(uri.UserInfo).Split(':', 2);
            handler.Proxy = new WebProxy(new Uri($"http://{uri.Host}:{uri.Port}")) { Credentials = new NetworkCredential(user[0], user[1]) };
        }

        using var http = new HttpClient(handler);
        using Secret offer = negotiation.WriteOffer();
        HttpResponseMessage response = await http.PostAsync(new Uri($"https://{plan.Hub}/offer/{Guid.NewGuid()}"), new ByteArrayContent(offer.Bytes.ToArray()));
        byte[] answer = await response.Content.ReadAsByteArrayAsync();
        if (response.IsSuccessStatusCode && negotiation.TryAccept(answer, out MediaPlan? media) is null)
            return media;

        Report.Write("refused", ("why", System.Text.Encoding.UTF8.GetString(answer)));
        return null;
    }

    // The span lives only now; the loop below is the only one that touches the session.
    private void Receive(ReadOnlySpan<byte> datagram) => _received.Writer.TryWrite(datagram.ToArray());

    private async Task ObeyAsync(CancellationTokenSource ending)
    {
        while (await Console.In.ReadLineAsync(ending.Token) is { } command)
        {
            switch (command)
            {
                case "mark":
                    _longestGap = TimeSpan.Zero;
                    _lastShown = _clock.Elapsed;
                    break;
                case "status":
                    Report.Write(
                        "status", ("shown", _shown), ("undecodable", _undecodable), ("sent", _pictures),
                        ("gap", Math.Max(_longestGap.TotalMilliseconds, (_clock.Elapsed - _lastShown).TotalMilliseconds)),
                        ("refused", Enum.GetValues<OpenOutcome>().Where(outcome => outcome is not (OpenOutcome.Opened or OpenOutcome.KeyAhead)).Sum(_session.Frames)));
                    break;
                default:
                    await ending.CancelAsync();
                    return;
            }
        }

        await ending.CancelAsync();
    }

    private async Task LiveAsync(MediaPath path, Stopwatch began, CancellationToken stopping)
    {
        Instant nextPicture = Now;
        Instant nextSound = Now;
        while (!stopping.IsCancellationRequested)
        {
            while (_received.Reader.TryRead(out byte[]? datagram))
                _session.HandleDatagram(datagram, Now);
            if (Now >= nextPicture)
            {
                nextPicture += s_picture;
                Film();
            }

            if (Now >= nextSound)
            {
                nextSound += s_sound;
                Speak();
            }

            if (Interlocked.Exchange(ref _hasNewPath, false))
                _session.HandleNewPath();
            _session.HandleTimeout(Now);
            path.HandleUnheard(_session.Unheard(Now));
            while (_session.TryPollFrame(Now, out ReceivedFrame frame))
                _session.HandleDecoded(frame.Ticket, Show(frame, began));
            while (_session.TryPollDatagram(Now, _datagram, out int length))
                path.Send(_datagram.AsSpan(0, length));

            using var pause = CancellationTokenSource.CreateLinkedTokenSource(stopping);
            pause.CancelAfter(TimeSpan.FromMilliseconds(2));
            try
            {
                await _received.Reader.WaitToReadAsync(pause.Token);
            }
            catch (OperationCanceledException)
            {
                // Time for the next round.
            }
        }
    }

    private void Film()
    {
        bool isKeyFrame = _pictures == 0 || _session.IsKeyFrameWanted(FrameContext.Camera);
        Span<byte> frame = _frame.AsSpan(0, isKeyFrame ? 4 * PictureLength : PictureLength);
        Fill(frame);
        BinaryPrimitives.WriteInt32BigEndian(frame, _pictures);
        frame[4] = isKeyFrame ? (byte)1 : (byte)0;
        var timestamp = new RtpTimestamp((uint)(_clock.ElapsedTicks * 90_000 / Stopwatch.Frequency));
        if (_session.SendPicture(FrameContext.Camera, frame, isKeyFrame, timestamp, NtpTime.Of(DateTimeOffset.UtcNow)) == SendOutcome.Sent)
            _pictures++;
    }

    private void Speak()
    {
        Span<byte> sound = _frame.AsSpan(0, 80);
        Fill(sound);
        _session.SendSound(FrameContext.Audio, sound, new RtpTimestamp((uint)(_sounds++ * 960)), NtpTime.Of(DateTimeOffset.UtcNow), new AudioLevel(40, true));
    }

    // What nobody but the rooms may ever see.
    private void Fill(Span<byte> bytes)
    {
        for (int i = 0; i < bytes.Length; i++)
            bytes[i] = _plan.Words[i % _plan.Words.Length];
    }

    private bool Show(ReceivedFrame frame, Stopwatch began)
    {
        int number = BinaryPrimitives.ReadInt32BigEndian(frame.Data);
        bool isKeyFrame = frame.Data[4] == 1;
        if (!isKeyFrame && number != _lastNumber + 1)
        {
            _undecodable++;
            return false;
        }

        if (_shown++ == 0)
            Report.Write("picture", ("leaf", frame.Sender.Leaf), ("ms", began.ElapsedMilliseconds));
        else
            _longestGap = TimeSpan.FromTicks(Math.Max(_longestGap.Ticks, (_clock.Elapsed - _lastShown).Ticks));
        _lastNumber = number;
        _lastShown = _clock.Elapsed;
        return true;
    }
}
