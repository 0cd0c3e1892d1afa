using System.Threading.Channels;
using Microsoft.AspNetCore.SignalR.Client;
using RoomAgent.Agent.Ports;
using RoomAgent.Cloud.Calls;
using RoomAgent.Meetings;
using RoomAgent.Wire;

namespace RoomAgent.Cloud;

// One connection, from its beginning to its end.
public sealed partial class HubSignalling
{
    /// <summary>What belongs to one connection. What the hub calls goes through one queue, so that a body which is fetched keeps its place.</summary>
    private sealed class Run(HubSignalling owner, HubConnection connection)
    {
        private const int LongestTicket = 64;
        private const int MostWaiting = 1_024;

        private readonly Channel<(string? Ticket, SignallingEvent? Event, Action? Deed)> _incoming =
            Channel.CreateBounded<(string?, SignallingEvent?, Action?)>(new BoundedChannelOptions(MostWaiting) { SingleReader = true });

        private readonly TaskCompletionSource _over = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly Lock _lock = new();
        private string? _bodies;
        private int _wish;

        public HubConnection Connection => connection;

        public Task Over => _over.Task;

        public bool IsOver => _over.Task.IsCompleted;

        public Exception? Problem { get; private set; }

        public bool IsSeated => Volatile.Read(ref _bodies) is not null;

        public volatile bool WantsEntry;

        public void Listen()
        {
            connection.Closed += problem =>
            {
                Fail(problem ?? new IOException("The hub closed the connection."));
                return Task.CompletedTask;
            };
            connection.On<byte[]>("Hear", message => Take(null, new Heard(ByteString.Owning(message ?? [])), null));
            connection.On<string, int>("HearBody", (ticket, _) => Take(ticket is { Length: <= LongestTicket } ? ticket : "", null, null));
            connection.On<int>("SeatEnded", why => Take(null, null, () => EndSeat(why)));
            connection.On("OfferAgain", () => Take(null, new OfferWanted(), null));
            connection.On("CalendarChanged", () => Take(null, new CalendarChanged(), null));
            connection.On("GoElsewhere", () => Take(null, null, () =>
            {
                SignallingLog.SentElsewhere(owner._log);
                Fail(new IOException("The hub asked to connect again."));
            }));
            connection.On<string>("AccessEnded", reason => Take(null, null, () =>
            {
                string word = reason is { Length: <= 100 } ? reason : "unknown";
                SignallingLog.AccessEnded(owner._log, word);
                owner._ended = true;
                LoseSeat();
                owner.Happen(new AccessEnded(word));
                Fail(new IOException("The access has ended."));
            }));
        }

        public async Task PumpAsync(CancellationToken cancel)
        {
            try
            {
                await foreach ((string? ticket, SignallingEvent? happened, Action? deed) in _incoming.Reader.ReadAllAsync(cancel).ConfigureAwait(false))
                {
                    deed?.Invoke();
                    SignallingEvent? next = ticket is null ? happened : new Heard(await FetchAsync(ticket, cancel).ConfigureAwait(false));
                    if (next is not null && (IsSeated || next is not (Heard or OfferWanted)))
                        owner.Happen(next);
                }
            }
            catch (Exception problem)
            {
                Fail(problem);
            }
        }

        public void TakeSeat(string bodies, int wish)
        {
            lock (_lock)
            {
                if (IsOver)
                    return;
                _wish = wish;
                Volatile.Write(ref _bodies, bodies);
                owner.Happen(new SeatTaken());
            }
        }

        public void LoseSeat()
        {
            lock (_lock)
            {
                if (Interlocked.Exchange(ref _bodies, null) is not null)
                    owner.Happen(new SeatLost());
            }
        }

        public async Task SayAsync(byte[] message, CancellationToken cancel)
        {
            if (message.Length <= LongestInline)
                await connection.SendAsync("Say", message, cancel).ConfigureAwait(false);
            else
                await connection.SendAsync("SayBody", await UploadAsync(message, cancel).ConfigureAwait(false), cancel).ConfigureAwait(false);
        }

        public void Fail(Exception problem)
        {
            Problem ??= problem;
            _over.TrySetResult();
        }

        public void Close()
        {
            _over.TrySetResult();
            _incoming.Writer.TryComplete();
        }

        private void Take(string? ticket, SignallingEvent? happened, Action? deed)
        {
            if (!_incoming.Writer.TryWrite((ticket, happened, deed)) && !IsOver)
                Fail(new InvalidOperationException("The hub says more than can be taken."));
        }

        private void EndSeat(int why)
        {
            LoseSeat();
            const int replaced = 2;
            if (why == replaced)
            {
                // Whoever entered by another connection is us too; to enter again would put it out.
                owner.Refuse(EnterOutcome.Replaced, _wish);
                return;
            }

            WantsEntry = true;
            owner.Wake();
        }

        private async Task<string> UploadAsync(byte[] message, CancellationToken cancel)
        {
            ReadOnlyMemory<byte> ticket = await CallAsync(HttpMethod.Post, $"{Path}/bodies/{_bodies}", message, LongestTicket, cancel).ConfigureAwait(false);
            return System.Text.Encoding.ASCII.GetString(ticket.Span);
        }

        private async Task<ByteString> FetchAsync(string ticket, CancellationToken cancel) =>
            ByteString.CopyOf((await CallAsync(HttpMethod.Get, $"{Path}/bodies/{_bodies}/{ticket}", null, Limits.Message, cancel).ConfigureAwait(false)).Span);

        private async Task<ReadOnlyMemory<byte>> CallAsync(HttpMethod method, string path, byte[]? body, int most, CancellationToken cancel)
        {
            var request = new HubRequest(method, path) { Content = body, ContentType = "application/octet-stream", MaxAnswer = most };
            HubAnswer answer = await owner._calls.CallAsync(request, cancel).ConfigureAwait(false);
            return answer.IsGood ? answer.Body : throw new IOException($"The hub answered {answer.Status} for a body ({answer.Fault}).");
        }
    }

    private void Wake()
    {
        lock (_lock)
        {
            if (!_stop.IsCancellationRequested)
                _changed.Release();
        }
    }
}
