using System.Collections.Concurrent;
using RoomAgent.Hub.Identity;
using RoomAgent.Wire;

namespace RoomAgent.Hub.Meetings;

/// <summary>The way from this hub to another one, which is the home of meetings that clients of ours are in.</summary>
internal sealed class HubLink
{
    private readonly LinkSocket _socket;
    private readonly SignallingContext _context;
    private readonly ConcurrentDictionary<ulong, TaskCompletionSource<byte[]?>> _calls = [];
    private readonly ConcurrentDictionary<ulong, FarSeat> _seats = [];
    private ulong _numbers;
    private volatile bool _isOver;

    public HubLink(LinkSocket socket, SignallingContext context)
    {
        _socket = socket;
        _context = context;
    }

    /// <summary>Whether it ended.</summary>
    public bool IsOver => _isOver;

    /// <summary>Carries frames until the link ends; then every client that sat at the other hub is to enter anew.</summary>
    public async Task RunAsync(CancellationToken cancel)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        Task sending = Task.Run(() => _socket.SendAllAsync(stop.Token), CancellationToken.None);
        try
        {
            while (true)
            {
                ReadOnlyMemory<byte> frame = await _socket.ReceiveAsync(stop.Token);
                if (frame.IsEmpty || !Take(frame.Span))
                    break;
            }
        }
        catch (Exception problem) when (problem is System.Net.WebSockets.WebSocketException or OperationCanceledException or ObjectDisposedException or IOException)
        {
            // The other hub is gone, or we are.
        }

        _isOver = true;
        _socket.Abort();
        await stop.CancelAsync();
        await sending.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        foreach (ulong number in _calls.Keys)
            Answer(number, null);
        foreach (ulong number in _seats.Keys)
        {
            if (_seats.TryRemove(number, out FarSeat? seat))
                seat.Owner.Ended(SeatEnd.Moved);
        }
    }

    /// <summary>Brings a client to a desk over there.</summary>
    public async Task<(EnterOutcome Outcome, ISeat? Seat)> EnterAsync(MeetingInstance instance, ByteString identity, ISeatOwner owner, CancellationToken cancel)
    {
        ulong number = Interlocked.Increment(ref _numbers);
        var seat = new FarSeat(this, number, owner);
        _seats[number] = seat;
        bool sits = false;
        try
        {
            byte[]? reply = await CallAsync(number, LinkBody.Enter(instance, identity), cancel);
            EnterOutcome outcome = reply is [var told] ? (EnterOutcome)told : EnterOutcome.Busy;
            sits = outcome == EnterOutcome.Entered && _seats.ContainsKey(number);
            return sits ? (outcome, seat) : (outcome == EnterOutcome.Entered ? EnterOutcome.Busy : outcome, null);
        }
        finally
        {
            // Whoever gave up, or was not answered, may have been given a seat all the same.
            if (!sits)
            {
                _seats.TryRemove(number, out _);
                _socket.Send(LinkFrame.Encode(LinkFrameKind.Exit, number, [0]));
            }
        }
    }

    /// <summary>The meetings of an organisation that are served over there.</summary>
    public async Task<IReadOnlyList<OpenOccurrence>> ListAsync(OrganisationId organisation, CancellationToken cancel) =>
        await CallAsync(LinkBody.List(organisation), cancel) is { } listed ? LinkBody.ReadListed(listed, organisation) : [];

    /// <summary>Does there what a page wants.</summary>
    public async Task<bool> DoAsync(ServiceDeed deed, CancellationToken cancel) => await CallAsync(LinkBody.Do(deed), cancel) is [1];

    /// <summary>Has a connection that is over there keep room for a body.</summary>
    public async Task<string?> ReserveBodyAsync(ByteString connection, string subject, int length, CancellationToken cancel) =>
        await CallAsync(LinkBody.Reserve(connection, subject, length), cancel) is { Length: Bodies.TicketLength } ticket ? System.Text.Encoding.ASCII.GetString(ticket) : null;

    /// <summary>Brings a body to a connection that is over there, and has room for it.</summary>
    public async Task<bool> PutBodyAsync(ByteString connection, string subject, string ticket, ReadOnlyMemory<byte> body, CancellationToken cancel) =>
        await CallAsync(LinkBody.Body(LinkCall.PutBody, connection, subject, [.. System.Text.Encoding.ASCII.GetBytes(ticket), .. body.Span]), cancel) is [1];

    /// <summary>Fetches a body from over there.</summary>
    public async Task<byte[]?> FetchBodyAsync(ByteString connection, string subject, string ticket, CancellationToken cancel) =>
        await CallAsync(LinkBody.Body(LinkCall.FetchBody, connection, subject, System.Text.Encoding.ASCII.GetBytes(ticket)), cancel) is { Length: > 0 } body ? body : null;

    private Task<byte[]?> CallAsync(byte[] body, CancellationToken cancel) => CallAsync(Interlocked.Increment(ref _numbers), body, cancel);

    private async Task<byte[]?> CallAsync(ulong number, byte[] body, CancellationToken cancel)
    {
        var answer = new TaskCompletionSource<byte[]?>(TaskCreationOptions.RunContinuationsAsynchronously);
        _calls[number] = answer;
        if (!_socket.Send(LinkFrame.Encode(LinkFrameKind.Call, number, body)) || _isOver)
            Answer(number, null);
        try
        {
            return await answer.Task.WaitAsync(_context.Settings.LinkTimeout * 2, _context.Clock, cancel);
        }
        catch (TimeoutException)
        {
            return null;
        }
        finally
        {
            _calls.TryRemove(number, out _);
        }
    }

    private bool Take(ReadOnlySpan<byte> bytes)
    {
        LinkFrame frame = LinkFrame.Read(bytes);
        switch (frame.Kind)
        {
            case LinkFrameKind.Reply:
                Answer(frame.Number, frame.Body.ToArray());
                return true;
            case LinkFrameKind.Hear:
                if (_seats.TryGetValue(frame.Number, out FarSeat? hearing))
                    hearing.Owner.Hear(frame.Body.ToArray());
                return true;
            case LinkFrameKind.OfferAgain:
                if (_seats.TryGetValue(frame.Number, out FarSeat? offering))
                    offering.Owner.OfferAgain();
                return true;
            case LinkFrameKind.Ended when frame.Body is [(byte)SeatEnd.Moved or (byte)SeatEnd.Replaced]:
                if (_seats.TryRemove(frame.Number, out FarSeat? ended))
                    ended.Owner.Ended((SeatEnd)frame.Body[0]);
                return true;
            default:
                return false;
        }
    }

    private void Answer(ulong number, byte[]? reply)
    {
        if (_calls.TryRemove(number, out TaskCompletionSource<byte[]?>? call))
            call.TrySetResult(reply);
    }

    /// <summary>A place at a desk of the other hub.</summary>
    private sealed class FarSeat(HubLink link, ulong number, ISeatOwner owner) : ISeat
    {
        public ISeatOwner Owner => owner;

        public ValueTask SayAsync(ReadOnlyMemory<byte> message)
        {
            link._socket.Send(LinkFrame.Encode(LinkFrameKind.Say, number, message.Span));
            return ValueTask.CompletedTask;
        }

        public async Task<OfferReply> OfferAsync(ReadOnlyMemory<byte> offer) =>
            await link.CallAsync(LinkBody.Offer(number, offer.Span), CancellationToken.None) switch
            {
                [1, .. var answer] => new OfferReply(answer, null),
                [_, .. var refusal] => new OfferReply(null, System.Text.Encoding.UTF8.GetString(refusal)),
                _ => new OfferReply(null, "The meeting is being moved: enter again."),
            };

        public void Exit(bool leaves)
        {
            if (link._seats.TryRemove(number, out _))
                link._socket.Send(LinkFrame.Encode(LinkFrameKind.Exit, number, [leaves ? (byte)1 : (byte)0]));
        }
    }
}
