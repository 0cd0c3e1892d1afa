using System.Collections.Concurrent;
using RoomAgent.Agent.Media;
using RoomAgent.Crypto;
using RoomAgent.Hub.MediaNode;
using RoomAgent.Native.OpenSsl;
using RoomAgent.Net;
using RoomAgent.Rtp;
using RoomAgent.Rtp.Srtp;
using RoomAgent.SFrame;

namespace RoomHub.Tests.Node;

/// <summary>A room at a real node: it offers as rooms do, and sends and gets packets over real sockets, with one SRTP state whatever the transport.</summary>
internal sealed class Guest : IAsyncDisposable
{
    private readonly MediaNegotiation _negotiation;
    private readonly SrtpSender _sender;
    private readonly SrtpReceiver _receiver;
    private readonly ConcurrentQueue<(Ssrc Source, byte[] Payload)> _packets = new();
    private readonly TaskCompletionSource<CloseReason> _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private ushort _sequence;

    private Guest(LegId id, MediaNegotiation negotiation, MediaPlan plan)
    {
        Id = id;
        Plan = plan;
        _negotiation = negotiation;
        _sender = new SrtpSender(OpenSslCrypto.Instance, plan.Profile, plan.SendKey.Bytes);
        _receiver = new SrtpReceiver(OpenSslCrypto.Instance, plan.Profile, plan.ReceiveKey.Bytes);
    }

    public LegId Id { get; }

    public MediaPlan Plan { get; }

    public IReadOnlyList<TransportAddress> Doors => _negotiation.Transports;

    public Ssrc Voice => Plan.Tracks.Single(track => track.Context == FrameContext.Audio).Ssrc;

    public IMediaTransport? Transport { get; private set; }

    /// <summary>Why the transport in use ended.</summary>
    public Task<CloseReason> Closed => _closed.Task;

    /// <summary>Whether a packet of so many bytes came.</summary>
    public bool HasGot(int length) => _packets.Any(packet => packet.Payload.Length == length);

    public static LegId Name(int number) => new(new Guid(number, 0, 0, new byte[8]));

    public static MediaNegotiation Offer(SuitePolicy? suites = null, SFrameMode mode = SFrameMode.PerFrame) =>
        new(OpenSslRandom.Instance, suites ?? new SuitePolicy(), new HashSet<FrameContext> { FrameContext.Audio, FrameContext.Camera }, mode);

    public static async Task<Guest> JoinAsync(IMediaNode node, int name, ConferenceId conference, MediaNegotiation? negotiation = null)
    {
        negotiation ??= Offer();
        using Secret offer = negotiation.WriteOffer();
        OfferResult result = await node.OfferAsync(Name(name), conference, offer.Bytes.ToArray());
        Assert.Null(result.Refusal);
        using Secret answer = result.Answer!;
        Assert.Null(negotiation.TryAccept(answer.Bytes, out MediaPlan? plan));
        return new Guest(Name(name), negotiation, plan!);
    }

    /// <summary>Uses another transport from now on. The one before stays open until <see cref="DisposeAsync"/> of what is returned.</summary>
    public async Task<IMediaTransport?> UseAsync(MediaNodeAddress node, TransportKind kind, TransportSettings settings)
    {
        IMediaTransport? before = Transport;
        Transport = await node.OpenAsync(kind, settings, Take, (_, reason) => _closed.TrySetResult(reason), CancellationToken.None);
        return before;
    }

    /// <summary>Sends one packet of the voice, which also shows the node where this room is.</summary>
    public void Speak(int length = 40) => Transport!.Send(Seal(length));

    /// <summary>The same as it goes over a stream (RFC 4571).</summary>
    public byte[] Frame()
    {
        byte[] packet = Seal(40);
        return [(byte)(packet.Length >> 8), (byte)packet.Length, .. packet];
    }

    /// <summary>Has <paramref name="speaker"/> speak until this one hears it.</summary>
    public async Task<bool> HearsAsync(Guest speaker, int tries = 1_000)
    {
        _packets.Clear();
        for (int i = 0; i < tries; i++)
        {
            speaker.Speak();
            await Task.Delay(10);
            if (_packets.Any(packet => packet.Source == speaker.Voice))
                return true;
        }

        return false;
    }

    public async ValueTask DisposeAsync()
    {
        if (Transport is not null)
            await Transport.DisposeAsync();
        _sender.Dispose();
        _receiver.Dispose();
        _negotiation.Dispose();
    }

    private byte[] Seal(int length)
    {
        byte[] packet = new byte[1_500];
        var extensions = new HeaderExtensionWriter(stackalloc byte[8]);
        extensions.Add(MeetingMedia.TransportSequenceId, [0, (byte)_sequence]);
        extensions.Add(MeetingMedia.AudioLevelId, [20]);
        var header = new RtpHeader { PayloadType = MeetingMedia.AudioType, Sequence = new SequenceNumber(_sequence++), Ssrc = Voice };
        header = header with { Length = header.Write(packet, extensions.Finish()) };
        byte[] payload = new byte[length];
        payload[0] = 0xc0;
        lock (_sender)
        {
            Assert.True(_sender.TryProtect(packet, header, payload, out int sealedLength));
            return packet[..sealedLength];
        }
    }

    // As a room does when the node asks whether it is here.
    private void Answer(IMediaTransport from, byte[] packet)
    {
        if (_receiver.TryUnprotectRtcp(packet, out int length, out _) != SrtpOutcome.Opened || !RtcpReader.TryRead(packet.AsSpan(0, length), out RtcpReader parts))
            return;

        foreach (RtcpPacket part in parts)
        {
            if (!SenderReport.TryRead(part, out SenderReport report) || report.Sender.Ssrc != MeetingMedia.NodeSource)
                continue;

            byte[] answer = new byte[200];
            var writer = new RtcpWriter(answer);
            writer.WriteReceiverReport(Plan.Control, [new ReportBlock(MeetingMedia.NodeSource, 0, 0, 0, 0, report.Sender.Ntp.Middle, 1)]);
            lock (_sender)
            {
                Assert.True(_sender.TryProtectRtcp(answer, writer.Length, out length));
            }

            from.Send(answer.AsSpan(0, length));
        }
    }

    private void Take(IMediaTransport from, ReadOnlySpan<byte> datagram)
    {
        byte[] packet = datagram.ToArray();
        lock (_receiver)
        {
            if (packet[1] is >= 192 and <= 223)
                Answer(from, packet);
            else if (RtpHeader.TryRead(packet, out RtpHeader header) && _receiver.TryUnprotect(packet, header, out int length) == SrtpOutcome.Opened)
                _packets.Enqueue((header.Ssrc, packet[header.Length..length]));
        }
    }
}
