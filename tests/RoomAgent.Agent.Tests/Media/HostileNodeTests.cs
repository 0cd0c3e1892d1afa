using RoomAgent.Agent.Media;
using RoomAgent.Rtp;
using RoomAgent.Rtp.Srtp;
using RoomAgent.SFrame;

namespace RoomAgent.Agent.Tests.Media;

/// <summary>A node that has the keys of the hop and mixes up what it forwards, or asks for a lot at once.</summary>
public sealed class HostileNodeTests : IDisposable
{
    private static readonly Ssrc s_source = new(2_000_000);
    private readonly Pair _pair = new();
    private readonly SrtpSender _node;
    private readonly byte[] _packet = new byte[1_500];
    private ushort _sequence;
    private byte _text;
    private ushort _transport;

    public HostileNodeTests() => _node = _pair.Node();

    public void Dispose()
    {
        _node.Dispose();
        _pair.Dispose();
    }

    [Theory]
    [InlineData(FrameContext.Audio)]
    [InlineData(FrameContext.Camera)]
    public void WhatAnotherSealedIsNotShownAsTheSendersOfTheStream(FrameContext context)
    {
        Forward(context, leaf: 0, epoch: 1);
        Assert.Equal(0, _pair.Receiver.Streams.Single().Sender!.Value.Leaf);

        Forward(context, leaf: 2, epoch: 1);
        Forward(context == FrameContext.Audio ? FrameContext.ContentAudio : FrameContext.ContentVideo, leaf: 0, epoch: 1, @as: context);

        Assert.Equal(KeyId.Of(context, 0, 1), _pair.Receiver.Streams.Single().Sender);
        Assert.Equal(2, _pair.Receiver.Counters.OtherSender);
    }

    [Theory]
    [InlineData(FrameContext.Audio)]
    [InlineData(FrameContext.Camera)]
    public void ARoomThatJoinedAnewIsAnotherLeafFromAnEpochOn(FrameContext context)
    {
        Forward(context, leaf: 0, epoch: 1);
        _pair.Merge(2);

        Forward(context, leaf: 2, epoch: 2);
        Forward(context, leaf: 0, epoch: 1);
        Forward(context, leaf: 0, epoch: 2);

        Assert.Equal(KeyId.Of(context, 2, 2), _pair.Receiver.Streams.Single().Sender);
        Assert.Equal(2, _pair.Receiver.Counters.OtherSender);
    }

    [Fact]
    public void AWholePictureOfAnotherIsNotShownEither()
    {
        List<int> shown = [];
        ShowWhole(leaf: 0, epoch: 1, shown);
        ShowWhole(leaf: 2, epoch: 1, shown);
        Assert.Equal([0], shown);
        Assert.Equal(1, _pair.Receiver.Counters.OtherSender);

        // The first of a room that joined anew makes place for those behind it.
        _pair.Merge(2);
        ShowWhole(leaf: 2, epoch: 2, shown);
        ShowWhole(leaf: 2, epoch: 2, shown);
        Assert.Equal([0, 2], shown);
    }

    [Fact]
    public void AFrameOfAnEpochBeforeTakesNoSenderBack()
    {
        _pair.Merge(2);
        Forward(FrameContext.Audio, leaf: 0, epoch: 2);

        Forward(FrameContext.Audio, leaf: 0, epoch: 1);
        Forward(FrameContext.Audio, leaf: 2, epoch: 2);

        Assert.Equal(KeyId.Of(FrameContext.Audio, 0, 2), _pair.Receiver.Streams.Single().Sender);
        Assert.Equal(1, _pair.Receiver.Counters.OtherSender);
    }

    [Fact]
    public void AVoiceThatIsNotPlayedYetDoesNotBringTheOthersOutOfStep()
    {
        // Sound that is heard late holds the picture of the same sender; while that is worked out there is a stream of somebody of whom nothing was heard or seen yet.
        _pair.Receiver.SoundLatency = TimeSpan.FromMilliseconds(300);
        _pair.Receiver.PictureLatency = TimeSpan.FromMilliseconds(10);
        Forward(FrameContext.Audio, leaf: 2, epoch: 1);

        for (int i = 0; i < 100; i++)
        {
            NtpTime captured = default(NtpTime) + TimeSpan.FromTicks(_pair.Now.Ticks);
            _pair.Sender.SendSound(FrameContext.Audio, new byte[160], new RtpTimestamp((uint)(_pair.Now.Ticks * 48 / 10_000)), captured, new AudioLevel(30, Voice: true));
            _pair.Sender.SendPicture(FrameContext.Camera, new byte[500], isKeyFrame: i == 0, new RtpTimestamp((uint)(_pair.Now.Ticks * 9 / 1_000)), captured);
            for (int step = 0; step < 4; step++)
                _pair.Step();
            foreach (RemoteStream stream in _pair.Receiver.Streams)
            {
                if (stream.Ssrc != s_source)
                    _pair.Receiver.PullSound(stream, _pair.Now);
            }
        }

        Assert.InRange(_pair.Receiver.SkewOf(KeyId.Of(FrameContext.Camera, 0, 1)).TotalMilliseconds, -299, -1);
    }

    [Fact]
    public void WhatDoesNotFitIntoOneCompoundGoesIntoTheNext()
    {
        // Twelve streams, each with losses that lie so far apart that each needs a word of its own; and enough voices for a report of full length.
        for (uint stream = 0; stream < 12; stream++)
        {
            for (ushort number = 1; number < 600; number++)
            {
                if (number % 17 != 0)
                    Send(Pair.Types.Video, new Ssrc(3_000_000 + stream), number, [0xc0, 1, 2, 3]);
            }
        }

        for (uint voice = 0; voice < 31; voice++)
        {
            for (ushort number = 1; number < 4; number++)
                Send(Pair.Types.Audio, new Ssrc(4_000_000 + voice), number, [0xc0, 1, 2, 3]);
        }

        // By now everything is due at once.
        _pair.Now += TimeSpan.FromMilliseconds(200);
        using SrtpReceiver node = _pair.AtTheNode();
        HashSet<uint> asked = [];
        int feedback = 0;
        int blocks = 0;
        for (int step = 0; step < 100 && asked.Count == 0; step++)
        {
            _pair.Now += TimeSpan.FromMilliseconds(5);
            _pair.Receiver.HandleTimeout(_pair.Now);
            while (_pair.Receiver.TryPollDatagram(_pair.Now, _packet, out int length))
            {
                Assert.InRange(length, 1, _pair.Settings.LargestDatagram);
                Assert.Equal(SrtpOutcome.Opened, node.TryUnprotectRtcp(_packet.AsSpan(0, length), out length, out _));
                Assert.True(RtcpReader.TryRead(_packet.AsSpan(0, length), out RtcpReader parts));
                foreach (RtcpPacket part in parts)
                {
                    if (GenericNack.TryRead(part, out GenericNack nack))
                        asked.Add(nack.Media.Value);
                    feedback += TransportFeedback.TryRead(part, out _) ? 1 : 0;
                    blocks += ReceiverReport.TryRead(part, out ReceiverReport report) ? report.Blocks.Count : 0;
                }
            }
        }

        Assert.Equal(12, asked.Count);
        Assert.True(feedback > 0);
        Assert.Equal(RtcpWriter.LargestCount, blocks);
    }

    [Fact]
    public void TheNodesQuestionWhetherItArrivesIsAnsweredAtOnce()
    {
        _pair.Receiver.HandleTimeout(_pair.Now);
        while (_pair.Receiver.TryPollDatagram(_pair.Now, _packet, out _))
        {
        }

        var writer = new RtcpWriter(_packet);
        writer.WriteSenderReport(new SenderInfo(MeetingMedia.NodeSource, new NtpTime(0x1234_5678_9abc_def0), default, 0, 0), []);
        Assert.True(_node.TryProtectRtcp(_packet, writer.Length, out int length));
        _pair.Now += TimeSpan.FromMilliseconds(1);
        _pair.Receiver.HandleDatagram(_packet.AsSpan(0, length), _pair.Now);
        Assert.True(_pair.Receiver.PollTimeout <= _pair.Now);
        _pair.Receiver.HandleTimeout(_pair.Now);

        using SrtpReceiver node = _pair.AtTheNode();
        Assert.True(_pair.Receiver.TryPollDatagram(_pair.Now, _packet, out length));
        Assert.Equal(SrtpOutcome.Opened, node.TryUnprotectRtcp(_packet.AsSpan(0, length), out length, out _));
        Assert.True(RtcpReader.TryRead(_packet.AsSpan(0, length), out RtcpReader parts));
        uint? answer = null;
        foreach (RtcpPacket part in parts)
        {
            if (!ReceiverReport.TryRead(part, out ReceiverReport report))
                continue;
            foreach (ReportBlock block in report.Blocks)
                answer = block.Source == MeetingMedia.NodeSource ? block.LastSenderReport : answer;
        }

        Assert.Equal(0x5678_9abcu, answer);
    }

    private void ShowWhole(int leaf, ulong epoch, List<int> shown)
    {
        byte whole = new SFrameDescriptor(Start: true, End: true, Packetized: false).ToByte();
        Send(Pair.Types.Video, s_source, ++_sequence, [whole, .. _pair.Seal(FrameContext.Camera, leaf, epoch, [1, 2, 3])]);
        for (int i = 0; i < 100; i++)
        {
            _pair.Now += TimeSpan.FromMilliseconds(10);
            while (_pair.Receiver.TryPollFrame(_pair.Now, out ReceivedFrame frame))
            {
                shown.Add(frame.Sender.Leaf);
                _pair.Receiver.HandleDecoded(frame.Ticket, isDecodable: true);
            }
        }
    }

    // One frame in one packet; pictures as pieces that are sealed one by one (T=1).
    private void Forward(FrameContext context, int leaf, ulong epoch, FrameContext? @as = null)
    {
        bool isVideo = (@as ?? context) == FrameContext.Camera;
        byte piece = new SFrameDescriptor(Start: true, End: true, Packetized: true).ToByte();
        byte[] text = isVideo ? [piece, ++_text, 2, 3] : [++_text, 2, 3];
        Send(isVideo ? Pair.Types.Video : Pair.Types.Audio, s_source, ++_sequence, [piece, .. _pair.Seal(context, leaf, epoch, text)]);
    }

    private void Send(byte type, Ssrc source, ushort number, ReadOnlySpan<byte> payload)
    {
        var extensions = new HeaderExtensionWriter(stackalloc byte[8]);
        Span<byte> transport = stackalloc byte[TransportSequence.Length];
        new TransportSequence(new SequenceNumber(_transport++)).Write(transport);
        extensions.Add(MeetingMedia.TransportSequenceId, transport);
        var header = new RtpHeader { PayloadType = type, Sequence = new SequenceNumber(number), Timestamp = new RtpTimestamp(number * 3_000u), Ssrc = source };
        header = header with { Length = header.Write(_packet, extensions.Finish()) };
        Assert.True(_node.TryProtect(_packet, header, payload, out int length));
        _pair.Receiver.HandleDatagram(_packet.AsSpan(0, length), _pair.Now);
    }
}
