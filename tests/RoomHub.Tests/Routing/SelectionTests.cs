using RoomAgent.Hub.MediaNode;
using RoomAgent.Rtp.Bandwidth;
using RoomAgent.Rtp;
using RoomAgent.Wire;

namespace RoomHub.Tests.Routing;

/// <summary>Who gets which pictures and voices (REQUIREMENTS B11, B12).</summary>
public sealed class SelectionTests : IDisposable
{
    private const int Loud = 10;
    private const int Quiet = 100;
    private readonly Scene _scene = new(new NodeSettings { Lease = TimeSpan.FromHours(1) });
    private int _sequence;

    public void Dispose() => _scene.Dispose();

    [Fact]
    public void OfFifteenCamerasEachGetsThoseOfTheLastNineSpeakers()
    {
        Member[] met = _scene.Meet(15);
        for (int i = 14; i >= 0; i--)
            Speak(met[i]);

        Film(met);

        for (int i = 0; i < 15; i++)
        {
            int[] seen = [.. Enumerable.Range(0, 15).Where(j => met[i].PacketsOf(met[j], StreamKind.Camera).Count > 0)];
            Assert.Equal(Enumerable.Range(0, 15).Where(j => j != i).Take(9), seen);
        }
    }

    [Fact]
    public void WhoTakesTheFloorIsSeenAndTheLastOfTheOthersIsNotAnyMore()
    {
        Member[] met = _scene.Meet(15);
        for (int i = 14; i >= 0; i--)
            Speak(met[i]);
        Film(met);
        Assert.Empty(met[0].PacketsOf(met[12], StreamKind.Camera));

        Speak(met[12]);
        foreach (Member member in met)
            member.Forget();
        Film(met);

        Assert.NotEmpty(met[0].PacketsOf(met[12], StreamKind.Camera));
        Assert.Empty(met[0].PacketsOf(met[9], StreamKind.Camera));
        Assert.NotEmpty(met[0].PacketsOf(met[8], StreamKind.Camera));
    }

    [Fact]
    public void ContentGoesToEveryone()
    {
        Member[] met = _scene.Meet(12);
        Member presenter = _scene.Join([StreamKind.Voice, StreamKind.Camera, StreamKind.Content, StreamKind.ContentAudio]);
        presenter.SayHello();
        foreach (Member member in met)
            Speak(member);

        presenter.Send(StreamKind.Content, 1);
        presenter.Send(StreamKind.ContentAudio, 1);

        Assert.All(met, member => Assert.Single(member.PacketsOf(presenter, StreamKind.Content)));
        Assert.All(met, member => Assert.Single(member.PacketsOf(presenter, StreamKind.ContentAudio)));
    }

    [Fact]
    public void OfManyVoicesTheLoudestAreHeard()
    {
        Member[] met = _scene.Meet(14);
        for (int i = 0; i < 50; i++)
        {
            for (int j = 0; j < met.Length; j++)
                met[j].Send(StreamKind.Voice, i, level: j % 2 == 0 ? Loud : Quiet);
            _scene.RunFor(TimeSpan.FromMilliseconds(20));
        }

        foreach (Member member in met)
            member.Forget();
        foreach (Member member in met)
            member.Send(StreamKind.Voice, 50, level: Array.IndexOf(met, member) % 2 == 0 ? Loud : Quiet);

        Assert.Equal([2, 4, 6, 8, 10, 12], Enumerable.Range(1, 13).Where(j => met[0].PacketsOf(met[j], StreamKind.Voice).Count > 0));
    }

    [Fact]
    public void NoMoreVoicesThanAllowedAreHeardHoweverManyShout()
    {
        Member[] met = _scene.Meet(14);
        for (int i = 0; i < 50; i++)
        {
            foreach (Member member in met)
                member.Send(StreamKind.Voice, i, level: Loud);
            _scene.RunFor(TimeSpan.FromMilliseconds(20));
        }

        foreach (Member member in met)
            member.Forget();
        foreach (Member member in met)
            member.Send(StreamKind.Voice, 50, level: Loud);

        Assert.Equal(8, met.Count(speaker => met.Any(member => member.PacketsOf(speaker, StreamKind.Voice).Count > 0)));
    }

    [Fact]
    public void WhenThereIsRoomForAllVoicesAgainTheQuietOnesAreReportedToo()
    {
        using var scene = new Scene(new NodeSettings { MostVoices = 2 });
        Member[] met = scene.Meet(3);
        for (int i = 1; i < 50; i++)
        {
            for (int j = 0; j < met.Length; j++)
                met[j].Send(StreamKind.Voice, i, level: j == 2 ? 120 : 10);
            scene.RunFor(TimeSpan.FromMilliseconds(20));
        }

        scene.Router.Remove(met[0].Plan.Id);
        Ssrc quiet = met[2].SourceOf(StreamKind.Voice);
        met[2].SendRtcp((ref RtcpWriter writer) => writer.WriteSenderReport(new SenderInfo(quiet, default, default, 1, 1), []));
        met[2].Send(StreamKind.Voice, 50, level: 120);
        met[1].Forget();
        scene.RunFor(TimeSpan.FromSeconds(2));

        Assert.Contains(met[1].Requests, request => request is Request.Report && request.Media == quiet);
    }

    [Fact]
    public void AVoiceThatDoesNotSayHowLoudItIsCountsAsSilence()
    {
        Member[] met = _scene.Meet(9);
        for (int i = 0; i < 20; i++)
        {
            met[1].Send(StreamKind.Voice, i, level: Loud);
            met[2].Send(StreamKind.Voice, i);
            _scene.RunFor(TimeSpan.FromMilliseconds(20));
        }

        met[0].Forget();
        met[1].Send(StreamKind.Voice, 20, level: Loud);
        met[2].Send(StreamKind.Voice, 20);

        Assert.NotEmpty(met[0].PacketsOf(met[1], StreamKind.Voice));
        Assert.Empty(met[0].PacketsOf(met[2], StreamKind.Voice));
    }

    [Fact]
    public void ALegThatWantsFewBitsGetsFewerCamerasButAlwaysTheFirst()
    {
        Member narrow = _scene.Join(mostBitRate: 2_500_000);
        narrow.SayHello();
        Member[] met = _scene.Meet(6);
        foreach (Member member in Enumerable.Reverse(met))
            Speak(member);

        // 1 Mbit/s each: 2 fit into 2.5.
        FilmFor(TimeSpan.FromSeconds(4), met);
        narrow.Forget();
        FilmFor(TimeSpan.FromSeconds(1), met);

        Assert.Equal([0, 1], Enumerable.Range(0, 6).Where(j => narrow.PacketsOf(met[j], StreamKind.Camera).Count > 0));
        Assert.Equal([1, 2, 3, 4, 5], Enumerable.Range(0, 6).Where(j => met[0].PacketsOf(met[j], StreamKind.Camera).Count > 0));
    }

    [Fact]
    public void ALegWhoseNetworkGetsNarrowLosesCamerasButNotTheFirst()
    {
        Member[] met = _scene.Meet(5);
        foreach (Member member in Enumerable.Reverse(met))
            Speak(member);
        FilmFor(TimeSpan.FromSeconds(2), met);
        Assert.Equal(4, Enumerable.Range(1, 4).Count(j => met[0].PacketsOf(met[j], StreamKind.Camera).Count > 0));

        // The first leg reports that most of what it gets does not arrive.
        for (int i = 0; i < 200; i++)
        {
            met[0].Forget();
            FilmFor(TimeSpan.FromMilliseconds(100), met);
            ReportLosses(met[0]);
        }

        met[0].Forget();
        FilmFor(TimeSpan.FromSeconds(1), met);

        Assert.Equal([1], Enumerable.Range(1, 4).Where(j => met[0].PacketsOf(met[j], StreamKind.Camera).Count > 0));
        Assert.Equal([0, 2, 3, 4], Enumerable.Range(0, 5).Where(j => met[1].PacketsOf(met[j], StreamKind.Camera).Count > 0));
    }

    [Fact]
    public void APresentationThatEndedMakesRoomForCameras()
    {
        Member narrow = _scene.Join(mostBitRate: 2_500_000);
        narrow.SayHello();
        Member[] met = _scene.Meet(3, [StreamKind.Voice, StreamKind.Camera, StreamKind.Content]);
        foreach (Member member in Enumerable.Reverse(met))
            Speak(member);
        for (int i = 0; i < 30; i++)
        {
            FilmFor(TimeSpan.FromMilliseconds(100), met);
            for (int j = 0; j < 20; j++)
                met[0].Send(StreamKind.Content, (20 * i) + j, Picture);
        }

        narrow.Forget();
        FilmFor(TimeSpan.FromMilliseconds(200), met);
        Assert.Empty(narrow.PacketsOf(met[1], StreamKind.Camera));

        FilmFor(TimeSpan.FromSeconds(4), met);
        narrow.Forget();
        FilmFor(TimeSpan.FromMilliseconds(200), met);
        Assert.NotEmpty(narrow.PacketsOf(met[1], StreamKind.Camera));
    }

    [Fact]
    public void ALegOverItsRateIsCutToItAndTheOthersAreNot()
    {
        using var scene = new Scene(new NodeSettings { MostIncomingBitRate = 1_000_000 });
        Member[] met = scene.Meet(3);

        for (int i = 0; i < 1_000; i++)
            met[0].Send(StreamKind.Camera, i, Picture);
        met[1].Send(StreamKind.Camera, 1, Picture);

        // A second's worth at once.
        Assert.InRange(met[2].PacketsOf(met[0], StreamKind.Camera).Count, 90, 125);
        Assert.Equal(1_000 - met[2].PacketsOf(met[0], StreamKind.Camera).Count, scene.Router.Counters.OverLimit);
        Assert.Single(met[2].PacketsOf(met[1], StreamKind.Camera));
    }

    private static byte[] Picture => [0xc0, .. new byte[999]];

    // Long enough to take the floor, whoever had it.
    private void Speak(Member speaker)
    {
        for (int i = 0; i < 75; i++)
        {
            speaker.Send(StreamKind.Voice, ++_sequence, level: Loud);
            _scene.RunFor(TimeSpan.FromMilliseconds(20));
        }

        _scene.RunFor(TimeSpan.FromMilliseconds(600));
    }

    private void Film(Member[] cameras)
    {
        _sequence++;
        foreach (Member camera in cameras)
            camera.Send(StreamKind.Camera, _sequence);
    }

    // 1 Mbit/s each.
    private void FilmFor(TimeSpan span, Member[] cameras)
    {
        for (Instant end = _scene.Now + span; _scene.Now < end;)
        {
            for (int i = 0; i < 5; i++)
            {
                _sequence++;
                foreach (Member camera in cameras)
                    camera.Send(StreamKind.Camera, _sequence, Picture);
            }

            _scene.RunFor(TimeSpan.FromMilliseconds(40));
        }
    }

    private void ReportLosses(Member member)
    {
        // Every third arrives.
        SequenceNumber[] got = [.. member.Packets.Select(packet => packet.Transport!.Value)];
        if (got.Length == 0)
            return;

        long[] arrivals = [.. got.Select((_, i) => i % 3 == 0 ? (_scene.Now.Ticks / 2_500) + i : TransportWideFeedbackWriter.NotReceived)];
        byte[] control = new byte[1_000];
        TransportWideFeedbackWriter.Write(got[0], arrivals, 0, control, out int length);
        member.SendRtcp((ref RtcpWriter writer) => writer.WriteTransportFeedback(member.Sources.Control, default, control.AsSpan(0, length)));
    }
}
