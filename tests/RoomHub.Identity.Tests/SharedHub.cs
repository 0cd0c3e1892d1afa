namespace RoomAgent.Hub.Tests;

/// <summary>One hub for the tests of a class, each of which has an organisation, devices and hours of its own.</summary>
public sealed class SharedHub : IAsyncLifetime
{
    private TestHub? _hub;

    public async ValueTask InitializeAsync() => _hub = await TestHub.StartAsync();

    public ValueTask DisposeAsync() => _hub!.DisposeAsync();

    /// <summary>The hub two hours later: whoever was held up or locked out is not any more.</summary>
    public Task<TestHub> RefreshAsync()
    {
        _hub!.Clock.Advance(TimeSpan.FromHours(2));
        _hub.Ended.Clear();
        return Task.FromResult(_hub);
    }
}
