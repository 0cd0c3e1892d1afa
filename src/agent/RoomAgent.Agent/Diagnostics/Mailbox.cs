using System.Runtime.CompilerServices;
using System.Threading.Channels;

namespace RoomAgent.Agent.Diagnostics;

/// <summary>
/// The only door into a loop. Anyone may post, one reader takes the messages out in their order. Pings come through the
/// same door and are answered when the reader gets to them: an answer shows that the loop makes progress, which no timer
/// beside it could.
/// </summary>
/// <remarks>It has no bound. A loop that falls behind for good is one that no longer answers, and the watchdog ends it.</remarks>
/// <typeparam name="TMessage">What the loop understands.</typeparam>
public sealed class Mailbox<TMessage>
    where TMessage : class
{
    private readonly Channel<Letter> _channel = Channel.CreateUnbounded<Letter>(new() { SingleReader = true });

    /// <summary>Leaves a message.</summary>
    public void Post(TMessage message) => _channel.Writer.TryWrite(new Letter(message, Ping: null));

    /// <summary>Completes when the reader has got this far.</summary>
    public Task PingAsync()
    {
        // Asynchronous continuations: what waits for the answer must not run on the loop that gives it.
        var ping = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _channel.Writer.TryWrite(new Letter(Message: null, ping));
        return ping.Task;
    }

    /// <summary>The messages as they come, until <paramref name="stopping"/> is cancelled; that is an ordinary end, not an exception.</summary>
    public async IAsyncEnumerable<TMessage> ReadAllAsync([EnumeratorCancellation] CancellationToken stopping)
    {
        while (!stopping.IsCancellationRequested)
        {
            if (_channel.Reader.TryRead(out Letter letter))
            {
                letter.Ping?.SetResult();
                if (letter.Message is not null)
                    yield return letter.Message;
                continue;
            }

            // A plain task, because only that can be awaited without its cancellation being thrown.
            Task arrival = _channel.Reader.WaitToReadAsync(stopping).AsTask();
            await arrival.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private readonly record struct Letter(TMessage? Message, TaskCompletionSource? Ping);
}
