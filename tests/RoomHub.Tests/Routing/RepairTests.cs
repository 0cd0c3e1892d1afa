using RoomAgent.Hub.MediaNode;
using RoomAgent.Rtp;

namespace RoomHub.Tests.Routing;

/// <summary>Losses below the node are repaired by it, losses above by the sender; requests for pictures reach who can fulfil them.</summary>
public sealed class RepairTests : IDisposable
{
    private static readonly TimeSpan s_soon = TimeSpan.FromMilliseconds(60);
    private readonly Scene _scene = new();
    private readonly Member _anna;
    private readonly Member _bela;
    private readonly Member _carl;
    private readonly Ssrc _camera;

    public RepairTests()
    {
        Member[] met = _scene.Meet(3);
        (_anna, _bela, _carl) = (met[0], met[1], met[2]);
        _camera = _anna.SourceOf(StreamKind.Camera);
    }

    public void Dispose() => _scene.Dispose();

    [Fact]
    public void AReceiverGetsAgainWhatItAsksForUnderTheNumberItKnows()
    {
        for (int i = 0; i < 10; i++)
            _anna.Send(StreamKind.Camera, 500 + i, [0xc0, (byte)i, 7]);

        _bela.Nack(_camera, 3, 7);

        Assert.Equal([3, 7], _bela.RepairsOf(_anna, StreamKind.Camera).Select(repair => (int)Member.Original(repair).Number));
        Assert.Equal([[0xc0, 2, 7], [0xc0, 6, 7]], _bela.RepairsOf(_anna, StreamKind.Camera).Select(repair => Member.Original(repair).Payload));
        Assert.All(_bela.RepairsOf(_anna, StreamKind.Camera), repair => Assert.Equal(97, repair.Header.PayloadType));
        Assert.Equal([11, 12], _bela.RepairsOf(_anna, StreamKind.Camera).Select(repair => (int)repair.Transport!.Value.Value));
        Assert.Empty(_carl.RepairsOf(_anna, StreamKind.Camera));
    }

    [Fact]
    public void WhatWasNeverSentToALegIsNotSentAgain()
    {
        for (int i = 0; i < 3; i++)
            _anna.Send(StreamKind.Camera, 500 + i);

        _bela.Nack(_camera, 0, 4, 500, 501, 40_000, 65_535);
        _bela.Nack(_anna.SourceOf(StreamKind.Voice), 1, 2, 3);
        _bela.Nack(_camera.Retransmission, 1, 2, 3);
        _bela.Nack(_bela.SourceOf(StreamKind.Camera), 1, 2, 3);
        _bela.Nack(_anna.Sources.Control, 1, 2, 3);
        _bela.Nack(new Ssrc(77), 1, 2, 3);

        Assert.Equal(0, _scene.Router.Counters.Resent);
    }

    [Fact]
    public void AStrangersStreamIsNotSentAgain()
    {
        Member stranger = _scene.Join(conference: 2);
        stranger.SayHello();
        _anna.Send(StreamKind.Camera, 1);

        stranger.Nack(_camera, 1);
        stranger.AskForPicture(_camera);
        _scene.RunFor(s_soon);

        Assert.Equal(0, _scene.Router.Counters.Resent);
        Assert.DoesNotContain(_anna.Requests, request => request is Request.Picture);
    }

    [Fact]
    public void TheSenderIsAskedForWhatDidNotReachTheNode()
    {
        _anna.Send(StreamKind.Camera, 1);
        _anna.Send(StreamKind.Camera, 2);
        for (int i = 5; i < 10; i++)
            _anna.Send(StreamKind.Camera, i);
        _scene.RunFor(s_soon);

        var asked = (Request.Nack)Assert.Single(_anna.Requests, request => request is Request.Nack);
        Assert.Equal(_camera, asked.Media);
        Assert.Equal([3, 4], asked.Numbers.Select(number => (int)number));

        _scene.Handle(_anna.Seal(StreamKind.Camera, 1, [0, 3, 0xc0, 33], isRepair: true), _anna.Flow);
        Assert.Equal([0xc0, 33], _bela.Packets[^1].Payload);
        Assert.Equal(3, _bela.Packets[^1].Header.Sequence.Value);
        Assert.Equal(_camera, _bela.Packets[^1].Header.Ssrc);
    }

    [Fact]
    public void WhatComesTwiceIsForwardedOnceAndCostsNoNumber()
    {
        for (int i = 1; i <= 3; i++)
            _anna.Send(StreamKind.Camera, i);

        for (int i = 1; i <= 3; i++)
            _scene.Handle(_anna.Seal(StreamKind.Camera, i, [0, (byte)i, .. Member.Frame], isRepair: true), _anna.Flow);
        _anna.Send(StreamKind.Camera, 4);

        Assert.Equal([1, 2, 3, 4], _bela.Packets.Select(packet => (int)packet.Header.Sequence.Value));
        Assert.Equal([1, 2, 3, 4], _bela.Packets.Select(packet => (int)packet.Transport!.Value.Value));
    }

    [Fact]
    public void ARepairedPacketDoesNotBeginTheForwarding()
    {
        _anna.Send(StreamKind.Camera, 100);
        Member dora = _scene.Join();
        dora.SayHello();

        _scene.Handle(_anna.Seal(StreamKind.Camera, 1, [0, 50, .. Member.Frame], isRepair: true), _anna.Flow);
        _anna.Send(StreamKind.Camera, 101);

        Assert.Equal([1], dora.PacketsOf(_anna, StreamKind.Camera).Select(packet => (int)packet.Header.Sequence.Value));
    }

    [Fact]
    public void ALegThatAsksForTooMuchGetsItsShareAndLeavesTheOthersTheirs()
    {
        byte[] payload = new byte[1_100];
        payload[0] = 0xc0;
        for (int i = 1; i <= 600; i++)
            _anna.Send(StreamKind.Camera, i, payload);

        int[] all = [.. Enumerable.Range(1, 600)];
        for (int i = 0; i < 100; i++)
            _bela.Nack(_camera, all);
        _carl.Nack(_camera, 600);

        Assert.InRange(_bela.RepairsOf(_anna, StreamKind.Camera).Count * 1_100.0, 100_000, new NodeSettings().MostBitRate / 8 / 2);
        Assert.Single(_carl.RepairsOf(_anna, StreamKind.Camera));
    }

    [Fact]
    public void WhatWasSentAgainAMomentAgoIsNotSentAgainYet()
    {
        _anna.Send(StreamKind.Camera, 1);
        for (int i = 0; i < 10; i++)
            _bela.Nack(_camera, 1);
        _carl.Nack(_camera, 1);

        Assert.Single(_bela.RepairsOf(_anna, StreamKind.Camera));
        Assert.Single(_carl.RepairsOf(_anna, StreamKind.Camera));
        Assert.Equal(9, _scene.Router.Counters.RepeatedRequests);

        _scene.RunFor(TimeSpan.FromMilliseconds(20));
        _bela.Nack(_camera, 1);
        Assert.Equal(2, _bela.RepairsOf(_anna, StreamKind.Camera).Count);
    }

    [Fact]
    public void ACompoundOfManyRequestsCountsAsMany()
    {
        int rate = new NodeSettings().RtcpRate;
        for (int i = 0; i < 100; i++)
        {
            _bela.SendRtcp((ref RtcpWriter writer) =>
            {
                for (int part = 0; part < 50; part++)
                    writer.WritePictureLoss(new PictureLossIndication(_bela.Sources.Control, _camera));
            });
        }

        Assert.Equal(100 - (rate / 50), _scene.Router.Counters.OverLimit);
    }

    [Fact]
    public void AFloodOfRequestsIsCutToTheRate()
    {
        for (int i = 0; i < 5_000; i++)
            _bela.AskForPicture(_camera);

        Assert.Equal(5_000 - new NodeSettings().RtcpRate, _scene.Router.Counters.OverLimit);
        _carl.AskForPicture(_camera);
        Assert.Equal(5_000 - new NodeSettings().RtcpRate, _scene.Router.Counters.OverLimit);
    }

    [Fact]
    public void ThePictureIsAskedForAtTheRightSenderAndNotTooOften()
    {
        _bela.AskForPicture(_camera);
        _carl.SendRtcp((ref RtcpWriter writer) => writer.WriteFullIntraRequest(_carl.Sources.Control, [new IntraRequest(_camera, 1)]));
        _scene.RunFor(s_soon);

        Assert.Equal(_camera, Assert.Single(_anna.Requests, request => request is Request.Picture).Media);
        Assert.DoesNotContain(_bela.Requests.Concat(_carl.Requests), request => request is Request.Picture);

        for (int i = 0; i < 50; i++)
        {
            _bela.AskForPicture(_camera);
            _scene.RunFor(TimeSpan.FromMilliseconds(40));
        }

        Assert.InRange(_anna.Requests.Count(request => request is Request.Picture), 4, 6);
    }

    [Fact]
    public void APictureThatIsNotForwardedIsNotAskedFor()
    {
        _bela.AskForPicture(_anna.SourceOf(StreamKind.Voice));
        _bela.AskForPicture(_bela.SourceOf(StreamKind.Camera));
        _scene.RunFor(s_soon);

        Assert.DoesNotContain(_anna.Requests.Concat(_bela.Requests), request => request is Request.Picture);
    }

    [Fact]
    public void WhoJoinsHasAPictureAskedForOnceItCanBeReached()
    {
        Member dora = _scene.Join();
        _scene.RunFor(TimeSpan.FromSeconds(1));
        _anna.Forget();

        dora.SayHello();
        _scene.RunFor(s_soon);

        Assert.Single(_anna.Requests, request => request is Request.Picture);
    }

    [Fact]
    public void InALargeMeetingReportsCrowdOutNoRequests()
    {
        Member[] many = [.. Enumerable.Range(0, 60).Select(_ => _scene.Join([StreamKind.ContentAudio, StreamKind.Camera]))];
        foreach (Member member in many)
        {
            member.SayHello();
            member.SendRtcp((ref RtcpWriter writer) => writer.WriteSenderReport(new SenderInfo(member.SourceOf(StreamKind.ContentAudio), new NtpTime(1L << 33), default, 1, 1), []));
        }

        int asked = 0;
        for (int i = 0; i < 5; i++)
        {
            _anna.Forget();
            _bela.AskForPicture(_camera);
            _scene.RunFor(TimeSpan.FromSeconds(1));
            asked += _anna.Requests.Count(request => request is Request.Picture);
        }

        Assert.Equal(5, asked);
        Assert.Equal(60, _anna.Requests.OfType<Request.Report>().Select(report => report.Media).Distinct().Count());
        Assert.All(_anna.Datagrams, datagram => Assert.InRange(datagram.Length, 0, 1_232));
    }
}
