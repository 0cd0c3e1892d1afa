using Microsoft.AspNetCore.SignalR;

namespace RoomAgent.Hub.Meetings;

/// <summary>What the hub calls at a client. The names and numbers are the contract; see README.md beside.</summary>
internal sealed class SignalClient(IClientProxy proxy)
{
    /// <summary>The desk says something: a ServiceMessage.</summary>
    public Task HearAsync(byte[] message) => proxy.SendAsync("Hear", message);

    /// <summary>The desk says something large, which is to be fetched. It has its place among what is heard.</summary>
    public Task HearBodyAsync(string ticket, int length) => proxy.SendAsync("HearBody", ticket, length);

    /// <summary>The seat is gone.</summary>
    public Task SeatEndedAsync(SeatEnd why) => proxy.SendAsync("SeatEnded", (int)why);

    /// <summary>The device has lost its access. The connection is closed.</summary>
    public Task AccessEndedAsync(string reason) => proxy.SendAsync("AccessEnded", reason);

    /// <summary>This hub ends: connect again, which leads to another or to its successor.</summary>
    public Task GoElsewhereAsync() => proxy.SendAsync("GoElsewhere");

    /// <summary>The media leg needs a new offer.</summary>
    public Task OfferAgainAsync() => proxy.SendAsync("OfferAgain");

    /// <summary>The calendar of the room, or of the person, changed.</summary>
    public Task CalendarChangedAsync() => proxy.SendAsync("CalendarChanged");
}
