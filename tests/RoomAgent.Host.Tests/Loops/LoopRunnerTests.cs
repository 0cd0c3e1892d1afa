using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging.Abstractions;
using RoomAgent.Agent.Diagnostics;
using RoomAgent.Host.Loops;

namespace RoomAgent.Host.Tests.Loops;

public sealed class LoopRunnerTests
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);
    private readonly Lifetime _lifetime = new();
    private readonly ExitStatus _exit = new();

    [Fact]
    public async Task LoopsThatEndWhenAskedAreAGoodEnd()
    {
        using LoopRunner runner = Run(stopping => Task.Delay(Timeout.Infinite, stopping));
        await runner.StartAsync(TestContext.Current.CancellationToken);

        _exit.StopWasAsked();
        await runner.StopAsync(TestContext.Current.CancellationToken);

        Assert.Equal(0, _exit.Code);
        Assert.False(_lifetime.Stopped.Task.IsCompleted);
    }

    [Fact]
    public async Task ALoopThatEndsByItselfEndsTheDaemonWithAnError()
    {
        using LoopRunner runner = Run(_ => Task.CompletedTask);

        await runner.StartAsync(TestContext.Current.CancellationToken);
        await _lifetime.Stopped.Task.WaitAsync(s_patience, TestContext.Current.CancellationToken);

        Assert.Equal(1, _exit.Code);
    }

    [Fact]
    public async Task ALoopThatFailsEndsTheDaemonWithAnErrorEvenIfAStopWasAskedAfterwards()
    {
        using LoopRunner runner = Run(_ => throw new InvalidOperationException("broken"));

        await runner.StartAsync(TestContext.Current.CancellationToken);
        await _lifetime.Stopped.Task.WaitAsync(s_patience, TestContext.Current.CancellationToken);
        _exit.StopWasAsked();

        Assert.Equal(1, _exit.Code);
    }

    [Fact]
    public async Task ALoopThatFailsWhileStoppingIsAnError()
    {
        using LoopRunner runner = Run(async stopping =>
        {
            await Task.Delay(Timeout.Infinite, stopping).ContinueWith(_ => { }, TaskScheduler.Default);
            throw new InvalidOperationException("broken");
        });
        await runner.StartAsync(TestContext.Current.CancellationToken);

        _exit.StopWasAsked();
        await runner.StopAsync(TestContext.Current.CancellationToken);

        Assert.Equal(1, _exit.Code);
    }

    private LoopRunner Run(Func<CancellationToken, Task> life) =>
        new([new Loop(life)], _lifetime, _exit, NullLogger<LoopRunner>.Instance);

    private sealed class Loop(Func<CancellationToken, Task> life) : ILoop
    {
        public string Name => "test";

        public Task RunAsync(CancellationToken stopping) => life(stopping);

        public Task PingAsync() => Task.CompletedTask;
    }

    private sealed class Lifetime : IHostApplicationLifetime
    {
        public TaskCompletionSource Stopped { get; } = new();

        public CancellationToken ApplicationStarted => default;

        public CancellationToken ApplicationStopping => default;

        public CancellationToken ApplicationStopped => default;

        public void StopApplication() => Stopped.TrySetResult();
    }
}
