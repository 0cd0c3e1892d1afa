using System.Security.Cryptography;
using Microsoft.AspNetCore.SignalR;
using RoomAgent.Hub.Store;
using RoomAgent.Meetings;
using RoomAgent.Wire;

namespace RoomAgent.Hub.Meetings;

/// <summary>What clients call at the hub. The names are the contract; see README.md beside.</summary>
/// <remarks>The calls of a connection come one after another. Each looks first whether the connection still has access.</remarks>
internal sealed class SignalHub(SignalConnections connections, MeetingDesks desks) : Microsoft.AspNetCore.SignalR.Hub
{
    /// <summary>The longest offer, in bytes.</summary>
    private const int LongestOffer = 20 * 1024;

    /// <inheritdoc/>
    public override Task OnConnectedAsync() => connections.AddAsync(Context);

    /// <inheritdoc/>
    public override Task OnDisconnectedAsync(Exception? exception) => connections.RemoveAsync(Context);

    /// <summary>Enters a meeting, and leaves the seat that the connection had.</summary>
    /// <param name="meetingId">The meeting.</param>
    /// <param name="instance">The occurrence.</param>
    public async Task<EnterAnswer> Enter(byte[] meetingId, byte[] instance)
    {
        SignalConnection connection = await FindAsync();
        await connection.PaceEntryAsync();
        if (meetingId is not { Length: > 0 and <= Limits.MeetingId } || instance is not { Length: Limits.Instance })
            return new EnterAnswer((int)EnterOutcome.Unknown, "");

        connection.Rise(leaves: false);
        var name = new MeetingInstance(ByteString.Owning(meetingId), ByteString.Owning(instance));
        if (connection.Who.Only is { } only && only != name)
            return new EnterAnswer((int)EnterOutcome.Unknown, "");

        try
        {
            (EnterOutcome outcome, ISeat? seat) = await desks.EnterAsync(name, connection.Who.Organisation, connection.Who.Identity, connection, Context.ConnectionAborted);
            if (seat is not null)
                connection.Sit(seat);
            return new EnterAnswer((int)outcome, connection.Bodies.Connection);
        }
        catch (StoreException)
        {
            return new EnterAnswer((int)EnterOutcome.Busy, "");
        }
    }

    /// <summary>Says something to the desk.</summary>
    /// <param name="message">A ClientMessage of at most 24 kB.</param>
    public async Task Say(byte[] message)
    {
        SignalConnection connection = await FindAsync();
        await connection.PaceAsync(message?.Length ?? 0);
        if (connection.Seat is { } seat && message is { Length: <= SignallingSettings.LongestInline })
            await seat.SayAsync(message);
    }

    /// <summary>Says something large, which was uploaded before.</summary>
    public async Task SayBody(string ticket)
    {
        SignalConnection connection = await FindAsync();
        byte[]? message = ticket is { Length: <= 64 } ? connection.Bodies.Take(ticket) : null;
        await connection.PaceAsync(message?.Length ?? 0);
        if (connection.Seat is { } seat && message is not null)
            await seat.SayAsync(message);
    }

    /// <summary>Gives the seat up. Who wants to leave the meeting says so before.</summary>
    public async Task Exit()
    {
        SignalConnection connection = await FindAsync();
        connection.Rise(leaves: false);
    }

    /// <summary>Offers a leg of media.</summary>
    /// <param name="offer">SDP.</param>
    public async Task<OfferReply> Offer(byte[] offer)
    {
        SignalConnection connection = await FindAsync();
        try
        {
            await connection.PaceEntryAsync();
            if (!connection.Who.MayOffer)
                return new OfferReply(null, "The token is not for media.");
            if (connection.Seat is not { } seat || offer is not { Length: > 0 and <= LongestOffer })
                return new OfferReply(null, "An offer needs a seat, and has at most 20 kB.");

            return await seat.OfferAsync(offer);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(offer);
        }
    }

    private async Task<SignalConnection> FindAsync()
    {
        if (connections.Find(Context) is not { } connection)
            throw new HubException("The connection has no access.");

        connection.WasUsed = true;
        return await connections.HasAccessAsync(connection) ? connection : throw new HubException("The connection has no access.");
    }
}

/// <summary>Answers an entry.</summary>
/// <param name="Outcome">See <see cref="EnterOutcome"/>.</param>
/// <param name="Bodies">The connection, as requests for large bodies name it.</param>
internal sealed record EnterAnswer(int Outcome, string Bodies);
