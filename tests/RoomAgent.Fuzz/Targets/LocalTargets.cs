using System.Text.Json;
using RoomAgent.XApi;

namespace RoomAgent.Fuzz.Targets;

/// <summary>What the local interface and those who use it read of each other.</summary>
internal static class LocalTargets
{
    /// <summary>A call. What is written again says the same.</summary>
    public static FuzzTarget Call { get; } = new("local-call", input =>
    {
        if (RpcRequest.Read(input.ToArray(), out RpcRequest? request) != RpcFault.None)
            return;

        byte[] written = request!.Write();
        if (RpcRequest.Read(written, out RpcRequest? again) != RpcFault.None || !written.AsSpan().SequenceEqual(again!.Write()) || again.Method != request.Method || again.Arguments.Count != request.Arguments.Count)
            throw new InvalidDataException("A call that was written says something else.");
        _ = new RpcReply(RpcFault.Failed, request.Method).Write(request.Id);
    }, () =>
    [
        """{"jsonrpc":"2.0","id":1,"method":"xCommand/Audio/Microphones/Mute"}"""u8.ToArray(),
        """{"jsonrpc":"2.0","id":"a\u00e9","method":"xCommand/Conference/Lock","params":{"Lock":"On","CallId":3,"X":true}}"""u8.ToArray(),
    ]);

    /// <summary>A reply.</summary>
    public static FuzzTarget Reply { get; } = new("local-reply", input =>
    {
        if (RpcReply.Read(input.ToArray()) is { } reply && RpcReply.Read(reply.Write("1")) is null)
            throw new InvalidDataException("A reply that was written is none.");
    }, () =>
    [
        """{"jsonrpc":"2.0","id":1,"result":{"status":"OK"}}"""u8.ToArray(),
        """{"jsonrpc":"2.0","id":null,"error":{"code":-32600,"message":"No."}}"""u8.ToArray(),
    ]);

    /// <summary>How the room stands, and its calendar.</summary>
    public static FuzzTarget View { get; } = new("local-view", input =>
    {
        if (RoomJson.ReadView(input) is { } view)
            _ = JsonSerializer.SerializeToUtf8Bytes(view, RoomJson.Default.RoomView);
        if (RoomJson.ReadBookings(input) is { } bookings)
            _ = JsonSerializer.SerializeToUtf8Bytes(bookings, RoomJson.Default.BookingList);
    }, () =>
    [
        JsonSerializer.SerializeToUtf8Bytes(new RoomView { Phase = "Registered", Account = new AccountView { State = "Paired" } }, RoomJson.Default.RoomView),
        """{"list":[{"meeting_id":"00","instance":"11","title":"Weekly","starts_at":"2026-11-25T10:00:00+00:00","ends_at":"2026-11-25T11:00:00+00:00"}]}"""u8.ToArray(),
    ]);
}
