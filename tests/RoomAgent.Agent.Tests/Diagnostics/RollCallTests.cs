using RoomAgent.Agent.Diagnostics;

namespace RoomAgent.Agent.Tests.Diagnostics;

public sealed class RollCallTests
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);
    private readonly ManualClock _clock = new(DateTimeOffset.UnixEpoch);
    private readonly Answering _one = new("one");
    private readonly Answering _two = new("two");

    [Fact]
    public async Task WhenAllAnswerNobodyIsSilent()
    {
        Task<IReadOnlyList<string>> call = new RollCall([_one, _two], _clock).CallAsync(s_patience, TestContext.Current.CancellationToken);

        _one.Answer();
        _two.Answer();

        Assert.Empty(await call);
    }

    [Fact]
    public async Task WhoDoesNotAnswerInTimeIsNamed()
    {
        Task<IReadOnlyList<string>> call = new RollCall([_one, _two], _clock).CallAsync(s_patience, TestContext.Current.CancellationToken);

        _one.Answer();
        _clock.Advance(s_patience);

        Assert.Equal(["two"], await call);
    }

    [Fact]
    public async Task WhoOwesAnAnswerIsNotAskedAgain()
    {
        var rollCall = new RollCall([_one], _clock);
        for (int i = 0; i < 3; i++)
        {
            Task<IReadOnlyList<string>> call = rollCall.CallAsync(s_patience, TestContext.Current.CancellationToken);
            _clock.Advance(s_patience);
            Assert.Equal(["one"], await call);
        }

        Assert.Equal(1, _one.Asked);
    }

    [Fact]
    public async Task AnAnswerBetweenTwoCallsCountsForTheNext()
    {
        var rollCall = new RollCall([_one], _clock);
        Task<IReadOnlyList<string>> first = rollCall.CallAsync(s_patience, TestContext.Current.CancellationToken);
        _clock.Advance(s_patience);
        Assert.Equal(["one"], await first);

        _one.Answer();

        Assert.Empty(await rollCall.CallAsync(s_patience, TestContext.Current.CancellationToken));
    }

    private sealed class Answering(string name) : ILoop
    {
        private TaskCompletionSource _answer = new();

        public string Name => name;

        public int Asked { get; private set; }

        public void Answer() => _answer.SetResult();

        public Task RunAsync(CancellationToken stopping) => Task.CompletedTask;

        public Task PingAsync()
        {
            Asked++;
            _answer = new TaskCompletionSource();
            return _answer.Task;
        }
    }
}
