using System.Buffers.Binary;
using System.Net;
using RoomAgent.Crypto;
using RoomAgent.Hub.MediaNode;
using RoomAgent.Native.Linux;
using RoomAgent.Native.OpenSsl;
using RoomAgent.Rtp;
using RoomAgent.Rtp.Bandwidth;
using RoomAgent.Rtp.Srtp;
using RoomAgent.Testing;
using RoomAgent.Wire;

namespace RoomAgent.Benchmarks.Media;

/// <summary>Meetings of one room that films and ten that look on: a thread that sends and takes their packets, authentic ones.</summary>
/// <remarks>
/// The senders' packets are spread evenly over time. Receivers report what arrives (transport-wide feedback) as rooms do. Only a few of them open
/// what they get, to see when it was sent; the others count it.
/// It looks at its sockets some ten thousand times a second, with a short sleep in between, because a thread that spins slows down another one on
/// the same core. What takes the direct way is looked for at once, so that this time counts as the node's.
/// </remarks>
internal sealed class MeetingTraffic : IDisposable
{
    public const int Receivers = 10;
    public const int PacketLength = 1_200;

    /// <summary>Of one stream.</summary>
    public const double PacketsPerSecond = 1_500_000 / 8.0 / PacketLength;

    private const SrtpProfile Profile = SrtpProfile.AeadAes256Gcm;
    private const int PacketsOfFrame = 5;

    // The place of a receiver in its meeting follows from the socket; several sockets a place, since the kernel keeps few packets for each.
    private const int SocketsOfPlace = 4;
    private const int SampledMeetings = 10;

    private static readonly TimeSpan s_tick = TimeSpan.FromMilliseconds(10);

    private readonly TimeProvider _clock = TimeProvider.System;
    private readonly SeededRandom _random = new(1);
    private readonly UdpAddress _node;
    private readonly UdpBatchSocket _filming = Open();
    private readonly UdpBatchSocket[] _watching = [.. Enumerable.Range(0, Receivers * SocketsOfPlace).Select(_ => Open())];
    private readonly UdpBatchSocket _direct = Open();
    private readonly Meeting[] _meetings;
    private readonly Dictionary<uint, Meeting> _meetingOfSource = [];
    private readonly Sender _directSender;
    private readonly SrtpReceiver _directReceiver;
    private readonly Thread _thread;
    private volatile bool _isMeasured;
    private volatile bool _stopping;

    /// <summary>Makes the legs, and begins.</summary>
    public MeetingTraffic(MediaShard shard, IPEndPoint node, int meetings)
    {
        _node = new UdpAddress(node);
        _meetings = [.. Enumerable.Range(0, meetings).Select(i => NewMeeting(shard, i))];
        foreach (Meeting meeting in _meetings)
            _meetingOfSource.Add(meeting.Sender.Source.Value, meeting);

        using Secret key = Secret.Generate(_random, Profile.KeyAndSaltLength());
        _directSender = new Sender(new Ssrc(1), new SrtpSender(OpenSslCrypto.Instance, Profile, key.Bytes));
        _directReceiver = new SrtpReceiver(OpenSslCrypto.Instance, Profile, key.Bytes);

        _thread = new Thread(Run) { Name = "traffic", IsBackground = true };
        _thread.Start();
    }

    /// <summary>Whether what is sent now counts. Its packets carry the marker bit, so that they are known however late they arrive.</summary>
    public bool IsMeasured
    {
        get => _isMeasured;
        set => _isMeasured = value;
    }

    /// <summary>Packets sent to the node that count.</summary>
    public long Sent { get; private set; }

    /// <summary>Packets that came back from it, of those.</summary>
    public long Received { get; private set; }

    /// <summary>From before a packet is protected until after it is opened, by way of the node.</summary>
    public Delays Node { get; } = new();

    /// <summary>The same without the node.</summary>
    public Delays Loopback { get; } = new();

    public void Stop()
    {
        _stopping = true;
        _thread.Join();
    }

    public void Dispose()
    {
        Stop();
        foreach (UdpBatchSocket socket in _watching)
            socket.Dispose();
        _filming.Dispose();
        _direct.Dispose();
        _directSender.Srtp.Dispose();
        _directReceiver.Dispose();
        foreach (Meeting meeting in _meetings)
            meeting.Dispose();
    }

    private static UdpBatchSocket Open() => UdpBatchSocket.Open(new IPEndPoint(IPAddress.Loopback, 0), 1)[0];

    private Meeting NewMeeting(MediaShard shard, int index)
    {
        var conference = new ConferenceId(new Guid(index, 0, 0, new byte[8]));
        (Ssrc Source, SrtpSender Up, SrtpReceiver Down) join(int place, StreamPlan[] streams, StreamKind[] receives)
        {
            using Secret up = Secret.Generate(_random, Profile.KeyAndSaltLength());
            using Secret down = Secret.Generate(_random, Profile.KeyAndSaltLength());
            var leg = new LegId(new Guid(index, (short)place, 1, new byte[8]));
            var plan = new LegPlan(leg, conference, Profile, up, down, streams, receives.ToHashSet(), MostBitRate: 20_000_000);
            LegSources sources = shard.AskAsync((router, now) => router.Add(plan, now)).GetAwaiter().GetResult();
            return (streams.Length > 0 ? sources.Streams[0] : sources.Control, new(OpenSslCrypto.Instance, Profile, up.Bytes), new(OpenSslCrypto.Instance, Profile, down.Bytes));
        }

        (Ssrc source, SrtpSender srtp, SrtpReceiver unused) = join(Receivers, [new StreamPlan(StreamKind.Camera, MeetingMedia.VideoType, MeetingMedia.RetransmissionType)], []);
        unused.Dispose();
        return new Meeting(new Sender(source, srtp), [.. Enumerable.Range(0, Receivers).Select(place =>
        {
            (Ssrc control, SrtpSender up, SrtpReceiver down) = join(place, [], [StreamKind.Camera]);
            bool isSampled = index < SampledMeetings && place == index % Receivers;
            return new Receiver(control, _watching[(place * SocketsOfPlace) + (index % SocketsOfPlace)], up, down, isSampled);
        })]);
    }

    private void Run()
    {
        Processor.Tie(Environment.ProcessorCount - 1);
        IntroduceReceivers();
        long start = _clock.GetTimestamp();
        long sent = 0;
        long sentDirect = 0;
        Instant nextTick = Now();
        while (!_stopping)
        {
            double elapsed = _clock.GetElapsedTime(start).TotalSeconds * PacketsPerSecond;
            for (; sent < elapsed * _meetings.Length; sent++)
                Send(_meetings[sent % _meetings.Length].Sender, _filming, _node, _isMeasured);
            _filming.Flush();
            for (; sentDirect < elapsed; sentDirect++)
                Send(_directSender, _filming, new UdpAddress(_direct.LocalEndPoint), marker: true);
            _filming.Flush();

            TakeDirect();
            for (int i = 0; i < _watching.Length; i++)
                Take(_watching[i], place: i / SocketsOfPlace);
            while (_filming.Receive() == UdpBatchSocket.Batch)
            {
                // What the node reports to the senders.
            }

            Processor.Rest();
            if (Now() < nextTick)
                continue;

            nextTick = Now() + s_tick;
            foreach (Meeting meeting in _meetings)
            {
                foreach (Receiver receiver in meeting.Receivers)
                    Report(receiver);
            }

            foreach (UdpBatchSocket socket in _watching)
                socket.Flush();
        }
    }

    // The node sends to where an authentic packet came from.
    private void IntroduceReceivers()
    {
        foreach (Meeting meeting in _meetings)
        {
            foreach (Receiver receiver in meeting.Receivers)
            {
                SendRtcp(receiver, withFeedback: false);
                receiver.Socket.Flush();
            }

            Thread.Sleep(1);
        }
    }

    private void Send(Sender sender, UdpBatchSocket socket, UdpAddress to, bool marker)
    {
        long stamp = _clock.GetTimestamp();
        Span<byte> packet = socket.Reserve();
        Span<byte> value = stackalloc byte[AbsCaptureTime.ShortLength];
        var extensions = new HeaderExtensionWriter(stackalloc byte[16]);
        extensions.Add(MeetingMedia.TransportSequenceId, value[..new TransportSequence(sender.Next).Write(value)]);
        extensions.Add(MeetingMedia.AbsCaptureTimeId, value[..new AbsCaptureTime(default, null).Write(value)]);
        var header = new RtpHeader { Marker = marker, PayloadType = MeetingMedia.VideoType, Sequence = sender.Next, Timestamp = new RtpTimestamp((uint)(stamp / 10_000)), Ssrc = sender.Source };
        int start = header.Write(packet, extensions.Finish());

        int number = sender.Next.Value % PacketsOfFrame;
        Span<byte> payload = packet[start..(PacketLength - Profile.RtpOverhead())];
        payload[0] = new SFrameDescriptor(Start: number == 0, End: number == PacketsOfFrame - 1, Packetized: false).ToByte();
        BinaryPrimitives.WriteInt64BigEndian(payload[1..], stamp);
        if (!sender.Srtp.TryProtect(packet, header with { Length = start }, payload, out int length))
            throw new InvalidOperationException("A packet was not protected.");

        socket.Commit(to, length);
        sender.Next = sender.Next.Next;
        if (marker && sender != _directSender)
            Sent++;
    }

    private void Take(UdpBatchSocket socket, int place)
    {
        int count;
        do
        {
            count = socket.Receive();
            Instant now = Now();
            for (int i = 0; i < count; i++)
            {
                Span<byte> packet = socket.Received(i);
                if (!RtpHeader.TryRead(packet, out RtpHeader header) || !_meetingOfSource.TryGetValue(header.Ssrc.Value, out Meeting? meeting))
                    continue;

                Receiver receiver = meeting.Receivers[place];
                if (header.ExtensionsOf(packet).TryFind(MeetingMedia.TransportSequenceId, out ReadOnlySpan<byte> value) && TransportSequence.TryRead(value, out TransportSequence number))
                    receiver.Arrivals.Handle(number.Number, packet.Length, now);
                if (!header.Marker)
                    continue;

                Received++;
                if (receiver.IsSampled)
                    Node.Add(DelayOf(packet, header, receiver.Down));
            }
        }
        while (count == UdpBatchSocket.Batch);
    }

    private void TakeDirect()
    {
        int count = _direct.Receive();
        for (int i = 0; i < count; i++)
        {
            Span<byte> packet = _direct.Received(i);
            RtpHeader.TryRead(packet, out RtpHeader header);
            TimeSpan delay = DelayOf(packet, header, _directReceiver);
            if (_isMeasured)
                Loopback.Add(delay);
        }
    }

    private TimeSpan DelayOf(Span<byte> packet, RtpHeader header, SrtpReceiver receiver)
    {
        if (receiver.TryUnprotect(packet, header, out _) != SrtpOutcome.Opened)
            throw new InvalidOperationException("A packet was not opened.");

        return _clock.GetElapsedTime(BinaryPrimitives.ReadInt64BigEndian(packet[(header.Length + 1)..]));
    }

    private void Report(Receiver receiver)
    {
        if (Now() >= receiver.Arrivals.PollTimeout)
            SendRtcp(receiver, withFeedback: true);
    }

    private void SendRtcp(Receiver receiver, bool withFeedback)
    {
        Span<byte> packet = receiver.Socket.Reserve();
        Span<byte> feedback = stackalloc byte[512];
        var writer = new RtcpWriter(packet[..PacketLength]);
        writer.WriteReceiverReport(receiver.Control, []);
        if (withFeedback && receiver.Arrivals.TryPoll(Now(), feedback, out int length))
            writer.WriteTransportFeedback(receiver.Control, default, feedback[..length]);
        if (receiver.Up.TryProtectRtcp(packet, writer.Length, out int protectedLength))
            receiver.Socket.Commit(_node, protectedLength);
    }

    private Instant Now() => new(_clock.GetElapsedTime(0).Ticks);

    /// <summary>How long packets took.</summary>
    internal sealed class Delays
    {
        private readonly List<TimeSpan> _delays = new(100_000);

        public void Add(TimeSpan delay) => _delays.Add(delay);

        public TimeSpan Percentile(double part)
        {
            _delays.Sort();
            return _delays.Count > 0 ? _delays[(int)(part * (_delays.Count - 1))] : TimeSpan.Zero;
        }
    }

    private sealed class Sender(Ssrc source, SrtpSender srtp)
    {
        public Ssrc Source { get; } = source;

        public SrtpSender Srtp { get; } = srtp;

        public SequenceNumber Next { get; set; } = new(1);
    }

    private sealed record Receiver(Ssrc Control, UdpBatchSocket Socket, SrtpSender Up, SrtpReceiver Down, bool IsSampled)
    {
        public FeedbackRecorder Arrivals { get; } = new(1_024);
    }

    private sealed record Meeting(Sender Sender, Receiver[] Receivers) : IDisposable
    {
        public void Dispose()
        {
            Sender.Srtp.Dispose();
            foreach (Receiver receiver in Receivers)
            {
                receiver.Up.Dispose();
                receiver.Down.Dispose();
            }
        }
    }
}
