using RoomAgent.Agent.Diagnostics;

namespace RoomAgent.Agent.Tests.Diagnostics;

public sealed class RollCallTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    private readonly ManualClock clock = new(DateTimeOffset.UnixEpoch);
    private readonly Answering one = new("one");
    private readonly Answering two = new("two");

    [Fact]
    public async Task WhenAllAnswerNobodyIsSilent()
    {
        Task<IReadOnlyList<string>> call = new RollCall([one, two], clock).CallAsync(Patience, TestContext.Current.CancellationToken);

        one.Answer();
        two.Answer();

        Assert.Empty(await call);
    }

    [Fact]
    public async Task WhoDoesNotAnswerInTimeIsNamed()
    {
        Task<IReadOnlyList<string>> call = new RollCall([one, two], clock).CallAsync(Patience, TestContext.Current.CancellationToken);

        one.Answer();
        clock.Advance(Patience);

        Assert.Equal(["two"], await call);
    }

    [Fact]
    public async Task WhoOwesAnAnswerIsNotAskedAgain()
    {
        var rollCall = new RollCall([one], clock);
        for (int i = 0; i < 3; i++)
        {
            Task<IReadOnlyList<string>> call = rollCall.CallAsync(Patience, TestContext.Current.CancellationToken);
            clock.Advance(Patience);
            Assert.Equal(["one"], await call);
        }

        Assert.Equal(1, one.Asked);
    }

    [Fact]
    public async Task AnAnswerBetweenTwoCallsCountsForTheNext()
    {
        var rollCall = new RollCall([one], clock);
        Task<IReadOnlyList<string>> first = rollCall.CallAsync(Patience, TestContext.Current.CancellationToken);
        clock.Advance(Patience);
        Assert.Equal(["one"], await first);

        one.Answer();

        Assert.Empty(await rollCall.CallAsync(Patience, TestContext.Current.CancellationToken));
    }

    private sealed class Answering(string name) : ILoop
    {
        private TaskCompletionSource answer = new();

        public string Name => name;

        public int Asked { get; private set; }

        public void Answer() => answer.SetResult();

        public Task RunAsync(CancellationToken stopping) => Task.CompletedTask;

        public Task PingAsync()
        {
            Asked++;
            answer = new TaskCompletionSource();
            return answer.Task;
        }
    }
}
