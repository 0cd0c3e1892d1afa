namespace RoomAgent.Hub.Hosting.Commands;

/// <summary>How far something is that takes long, on one line for whoever looks on; nothing for a file.</summary>
internal sealed class Progress : IAsyncDisposable
{
    private readonly CancellationTokenSource _done = new();
    private readonly Task _telling;

    private Progress(string word, Func<long> bytes) => _telling = Console.IsErrorRedirected ? Task.CompletedTask : TellAsync(word, bytes);

    /// <summary>Tells it until it is disposed of.</summary>
    public static Progress Of(string word, Func<long> bytes) => new(word, bytes);

    public async ValueTask DisposeAsync()
    {
        await _done.CancelAsync();
        await _telling;
        _done.Dispose();
    }

    private async Task TellAsync(string word, Func<long> bytes)
    {
        bool hasTold = false;
        try
        {
            while (true)
            {
                await Task.Delay(500, _done.Token);
                Console.Error.Write($"\r{bytes() / 1_000_000.0:N1} MB {word}\e[K");
                hasTold = true;
            }
        }
        catch (OperationCanceledException)
        {
            Console.Error.Write(hasTold ? "\r\e[K" : "");
        }
    }
}
