using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Net.WebSockets;
using System.Security.Cryptography;
using System.Text;
using System.Threading.Channels;
using RoomAgent.Hub.Identity;
using RoomAgent.Hub.Store;
using RoomAgent.Wire;

namespace RoomAgent.Hub.Meetings;

/// <summary>Serves other hubs: their clients sit at desks that are here.</summary>
internal sealed class LinkDesk(MeetingDesks desks, SignalConnections connections, ILogger<LinkDesk> log)
{
    private const int MostCalls = 10_000;

    /// <summary>Serves one link until it ends.</summary>
    public async Task ServeAsync(LinkSocket socket, CancellationToken cancel)
    {
        var session = new Session(this, socket);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        Task sending = Task.Run(() => socket.SendAllAsync(stop.Token), CancellationToken.None);
        try
        {
            while (true)
            {
                ReadOnlyMemory<byte> frame = await socket.ReceiveAsync(stop.Token);
                if (frame.IsEmpty || !session.Take(frame.Span, stop.Token))
                    break;
            }
        }
        catch (Exception problem) when (problem is WebSocketException or OperationCanceledException or ObjectDisposedException or IOException)
        {
            // The other hub is gone, or we are.
        }

        socket.Abort();
        await stop.CancelAsync();
        await sending.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        session.Close();
    }

    /// <summary>One link.</summary>
    private sealed class Session(LinkDesk desk, LinkSocket socket)
    {
        private readonly ConcurrentDictionary<ulong, FarClient> _clients = [];
        private int _calls;
        private volatile bool _closed;

        public bool Take(ReadOnlySpan<byte> bytes, CancellationToken cancel)
        {
            LinkFrame frame = LinkFrame.Read(bytes);
            switch (frame.Kind)
            {
                case LinkFrameKind.Call when frame.Body.Length > 0:
                    if (Interlocked.Increment(ref _calls) > MostCalls)
                        return false;
                    ulong number = frame.Number;
                    byte[] body = frame.Body.ToArray();
                    _ = Task.Run(() => ReplyAsync(number, body, cancel), CancellationToken.None);
                    return true;
                case LinkFrameKind.Say:
                    if (_clients.TryGetValue(frame.Number, out FarClient? speaker))
                        speaker.Say(frame.Body.ToArray());
                    return true;
                case LinkFrameKind.Exit when frame.Body.Length == 1:
                    if (_clients.TryRemove(frame.Number, out FarClient? leaving))
                        leaving.Exit(frame.Body[0] == 1);
                    return true;
                default:
                    return false;
            }
        }

        public void Close()
        {
            _closed = true;
            foreach (ulong number in _clients.Keys)
            {
                if (_clients.TryRemove(number, out FarClient? client))
                    client.Exit(leaves: false);
            }
        }

        public void Send(LinkFrameKind kind, ulong number, ReadOnlySpan<byte> body) => socket.Send(LinkFrame.Encode(kind, number, body));

        public void Forget(ulong number) => _clients.TryRemove(number, out _);

        private async Task ReplyAsync(ulong number, byte[] call, CancellationToken cancel)
        {
            byte[] reply = [];
            try
            {
                reply = (LinkCall)call[0] switch
                {
                    LinkCall.Enter => await EnterAsync(number, call, cancel),
                    LinkCall.Offer => await OfferAsync(call),
                    LinkCall.List => await ListAsync(call),
                    LinkCall.Do => await DoAsync(call),
                    LinkCall.ReserveBody => ReserveBody(call),
                    LinkCall.PutBody => PutBody(call),
                    LinkCall.FetchBody => FetchBody(call),
                    _ => [],
                };
            }
            catch (Exception problem) when (problem is StoreException or OperationCanceledException)
            {
                SignallingLog.StoreFailed(desk.Log, "a link", problem.Message);
            }
            finally
            {
                Interlocked.Decrement(ref _calls);
            }

            Send(LinkFrameKind.Reply, number, reply);
            CryptographicOperations.ZeroMemory(call);
        }

        private async Task<byte[]> EnterAsync(ulong number, byte[] call, CancellationToken cancel)
        {
            var reader = new WireReader(call.AsSpan(1));
            if (LinkBody.ReadEnter(ref reader) is not var (instance, identity))
                return [(byte)EnterOutcome.Unknown];

            var client = new FarClient(this, number);
            _clients[number] = client;
            (EnterOutcome outcome, ISeat? seat) = await desk.Desks.EnterFromAfarAsync(instance, identity, client, cancel);
            if (seat is null)
                Forget(number);
            else
                client.Sit(seat);
            if (_closed)
                client.Exit(leaves: false);

            return [(byte)outcome];
        }

        private async Task<byte[]> OfferAsync(byte[] call)
        {
            (ulong Seat, byte[] Offer)? read = ReadOffer(call);
            if (read is not var (number, offer) || !_clients.TryGetValue(number, out FarClient? client) || client.Seat is not { } seat)
                return [0];

            try
            {
                OfferReply reply = await seat.OfferAsync(offer);
                byte[] told = reply.Answer is { } answer ? [1, .. answer] : [0, .. Encoding.UTF8.GetBytes(reply.Refusal ?? "")];
                CryptographicOperations.ZeroMemory(reply.Answer);
                return told;
            }
            finally
            {
                CryptographicOperations.ZeroMemory(offer);
            }
        }

        private async Task<byte[]> ListAsync(byte[] call) =>
            ReadOrganisation(call) is { } organisation ? LinkBody.Listed(await desk.Desks.ListHereAsync(organisation)) : [];

        private async Task<byte[]> DoAsync(byte[] call) => ReadDeed(call) is { } deed && await desk.Desks.DoHereAsync(deed) ? [1] : [0];

        private byte[] ReserveBody(byte[] call)
        {
            var reader = new WireReader(call.AsSpan(1));
            return LinkBody.ReadBody(ref reader) is var (connection, subject, rest) && rest.Length == sizeof(uint)
                && BinaryPrimitives.ReadUInt32BigEndian(rest) is <= Bodies.Longest and var length
                && desk.Connections.Find(connection, subject)?.Bodies.Reserve((int)length) is { } ticket
                ? Encoding.ASCII.GetBytes(ticket)
                : [];
        }

        private byte[] PutBody(byte[] call)
        {
            var reader = new WireReader(call.AsSpan(1));
            bool isKept = LinkBody.ReadBody(ref reader) is var (connection, subject, rest) && rest.Length > Bodies.TicketLength
                && desk.Connections.Find(connection, subject)?.Bodies.Fill(Encoding.ASCII.GetString(rest, 0, Bodies.TicketLength), rest[Bodies.TicketLength..]) == true;
            return isKept ? [1] : [0];
        }

        private byte[] FetchBody(byte[] call)
        {
            var reader = new WireReader(call.AsSpan(1));
            return LinkBody.ReadBody(ref reader) is var (connection, subject, ticket)
                ? desk.Connections.Find(connection, subject)?.Bodies.Take(Encoding.ASCII.GetString(ticket)) ?? []
                : [];
        }

        private static (ulong Seat, byte[] Offer)? ReadOffer(byte[] call)
        {
            var reader = new WireReader(call.AsSpan(1));
            return LinkBody.ReadOffer(ref reader);
        }

        private static OrganisationId? ReadOrganisation(byte[] call)
        {
            var reader = new WireReader(call.AsSpan(1));
            return LinkBody.ReadList(ref reader);
        }

        private static ServiceDeed? ReadDeed(byte[] call)
        {
            var reader = new WireReader(call.AsSpan(1));
            return LinkBody.ReadDo(ref reader);
        }
    }

    /// <summary>A client of the other hub. What it says waits here, so that a busy desk holds nobody else up.</summary>
    private sealed class FarClient(Session session, ulong number) : ISeatOwner
    {
        private const int MostWaiting = 256;

        private readonly Channel<byte[]> _said = Channel.CreateBounded<byte[]>(new BoundedChannelOptions(MostWaiting) { SingleReader = true });

        public ISeat? Seat { get; private set; }

        public void Sit(ISeat seat)
        {
            Seat = seat;
            _ = PassOnAsync(seat);
        }

        public void Say(byte[] message)
        {
            // Its own hub paces it, so this is none that behaves.
            if (!_said.Writer.TryWrite(message))
                Exit(leaves: false);
        }

        public void Exit(bool leaves)
        {
            // What it said before it went is heard.
            _leaves = leaves;
            _said.Writer.TryComplete();
        }

        public void Hear(byte[] message) => session.Send(LinkFrameKind.Hear, number, message);

        public void OfferAgain() => session.Send(LinkFrameKind.OfferAgain, number, []);

        public void Ended(SeatEnd why)
        {
            session.Forget(number);
            _said.Writer.TryComplete();
            session.Send(LinkFrameKind.Ended, number, [(byte)why]);
        }

        private bool _leaves;

        private async Task PassOnAsync(ISeat seat)
        {
            await foreach (byte[] message in _said.Reader.ReadAllAsync())
                await seat.SayAsync(message);
            seat.Exit(_leaves);
        }
    }

    private MeetingDesks Desks => desks;

    private SignalConnections Connections => connections;

    private ILogger Log => log;
}
