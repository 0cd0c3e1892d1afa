using Microsoft.Extensions.Logging;
using RoomAgent.Agent.Room;
using RoomAgent.LocalApi.Doors;
using RoomAgent.XApi;

namespace RoomAgent.LocalApi.Commands;

/// <summary>Brings a call to its deed.</summary>
internal sealed class Dispatcher(IRoom room, ILogger log)
{
    // 1. is it a call   2. is there such a command   3. may they   4. do the arguments fit   5. the deed
    /// <summary>Does what bytes ask for.</summary>
    /// <param name="caller">Who asks.</param>
    /// <param name="body">Bytes from anybody.</param>
    /// <returns>The reply; nothing when nobody waits for one.</returns>
    public async Task<byte[]> CallAsync(Caller caller, ReadOnlyMemory<byte> body)
    {
        RpcFault fault = RpcRequest.Read(body, out RpcRequest? request);
        if (request is null)
            return new RpcReply(fault, fault == RpcFault.NotJson ? "That is not JSON." : "That is not a request of JSON-RPC 2.0.").Write(id: null);

        RpcReply reply = await CallAsync(caller, request);
        return request.Id is { } id ? reply.Write(id) : [];
    }

    private async Task<RpcReply> CallAsync(Caller caller, RpcRequest request)
    {
        if (CommandTable.Find(request.Method) is not { } command)
            return new RpcReply(RpcFault.UnknownMethod, "There is no such command.");
        if (caller < command.Least)
            return new RpcReply(RpcFault.NotPermitted, "This can be done in the room only: with roomctl on the device.");
        if (CommandTable.WhatIsWrong(command, request.Arguments) is { } problem)
            return new RpcReply(RpcFault.BadArguments, problem);

        try
        {
            RpcReply reply = await command.Deed(room, new Given(request.Arguments));
            if (command.Least == Caller.InTheRoom)
                log.Called(command.Name, reply.Fault == RpcFault.None ? "done" : "not done");
            return reply;
        }
#pragma warning disable CA1031 // a mistake of ours with one call is no reason to hang up on the others
        catch (Exception mistake)
#pragma warning restore CA1031
        {
            log.Mistaken(mistake, command.Name);
            return new RpcReply(RpcFault.Mistake, "The device made a mistake, which is in its journal.");
        }
    }
}
