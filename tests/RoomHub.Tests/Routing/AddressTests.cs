using System.Net;
using RoomAgent.Hub.MediaNode;
using RoomAgent.Native.Linux;

namespace RoomHub.Tests.Routing;

/// <summary>No room turns its media on somebody else: an address that is new gets nothing but a question until it is answered.</summary>
public sealed class AddressTests : IDisposable
{
    private static readonly Flow s_victim = Flow.Udp(0, new UdpAddress(new IPEndPoint(IPAddress.Parse("198.51.100.7"), 10_000)));
    private readonly Scene _scene = new();
    private readonly Member _anna;
    private readonly Member _bela;
    private readonly Flow _home;
    private int _sequence = 100;

    public AddressTests()
    {
        Member[] met = _scene.Meet(2);
        (_anna, _bela) = (met[0], met[1]);
        _home = _anna.Flow;
    }

    public void Dispose() => _scene.Dispose();

    [Fact]
    public void AnAddressThatWasForgedGetsQuestionsAtTheirPaceAndNoMedia()
    {
        List<byte[]> there = WatchVictim();
        byte[] picture = [0xc0, .. new byte[999]];

        for (int i = 0; i < 400; i++)
        {
            _scene.Handle(_anna.Seal(StreamKind.Voice, _sequence++, Member.Frame, level: 20), s_victim);
            _bela.Send(StreamKind.Camera, i, picture);
            _scene.RunFor(TimeSpan.FromMilliseconds(20));
        }

        Assert.InRange(there.Count, 1, (8 * 5) + 1);
        Assert.All(there, datagram => Assert.InRange(datagram.Length, 1, 64));
        Assert.Equal(400, _anna.PacketsOf(_bela, StreamKind.Camera).Count);
        Assert.Equal(0, _scene.Router.Counters.Moves);
    }

    [Fact]
    public void WhoAnswersTheQuestionFromThereGetsItsMediaThere()
    {
        _anna.Flow = s_victim;
        _anna.Send(StreamKind.Voice, _sequence++, level: 20);
        uint question = _anna.Questions.Single();

        _anna.Answer(question);
        _bela.Send(StreamKind.Voice, _sequence, level: 20);

        Assert.Single(_anna.PacketsOf(_bela, StreamKind.Voice));
        Assert.Equal(1, _scene.Router.Counters.Moves);
    }

    [Fact]
    public void AnAnswerFromElsewhereShowsNothing()
    {
        _anna.Flow = s_victim;
        _anna.Send(StreamKind.Voice, _sequence++, level: 20);
        uint question = _anna.Questions.Single();

        _anna.Flow = _home;
        _anna.Answer(question);
        _bela.Send(StreamKind.Voice, _sequence, level: 20);

        Assert.Single(_anna.PacketsOf(_bela, StreamKind.Voice));
        Assert.Equal(0, _scene.Router.Counters.Moves);
    }

    [Fact]
    public void AGuessEndsTheQuestion()
    {
        _anna.Flow = s_victim;
        _anna.Send(StreamKind.Voice, _sequence++, level: 20);
        uint question = _anna.Questions.Single();

        _anna.Answer(question + 1);
        _anna.Answer(question);

        Assert.Equal(0, _scene.Router.Counters.Moves);
        _scene.RunFor(TimeSpan.FromMilliseconds(200));
        _anna.Send(StreamKind.Voice, _sequence++, level: 20);
        Assert.NotEqual(question, _anna.Questions[^1]);
        _anna.Answer(_anna.Questions[^1]);
        Assert.Equal(1, _scene.Router.Counters.Moves);
    }

    [Fact]
    public void AnotherPortOfTheSameAddressIsTakenAtOnce()
    {
        _anna.Flow = Scene.Address(77);
        _anna.Send(StreamKind.Voice, _sequence++, level: 20);
        _bela.Send(StreamKind.Voice, _sequence, level: 20);

        Assert.Single(_anna.PacketsOf(_bela, StreamKind.Voice));
        Assert.Empty(_anna.Questions);
        Assert.Equal(1, _scene.Router.Counters.Moves);
    }

    [Fact]
    public void AConnectionIsTakenAtOnceAndTheWayBackToDatagramsIsAsked()
    {
        _anna.Flow = Flow.Over(new Connection());
        _anna.Send(StreamKind.Voice, _sequence++, level: 20);
        Assert.Equal(1, _scene.Router.Counters.Moves);

        _anna.Flow = _home;
        _anna.Send(StreamKind.Voice, _sequence++, level: 20);
        Assert.Equal(1, _scene.Router.Counters.Moves);
        _anna.Answer(_anna.Questions.Single());
        Assert.Equal(2, _scene.Router.Counters.Moves);
    }

    private List<byte[]> WatchVictim()
    {
        List<byte[]> there = [];
        _scene.Sent = (flow, datagram) =>
        {
            if (flow == s_victim)
                there.Add(datagram);
        };
        return there;
    }
}
