namespace RoomAgent.XApi;

/// <summary>Why a call was not done, as numbers of JSON-RPC 2.0 and those that room devices add.</summary>
public enum RpcFault
{
    /// <summary>It was done.</summary>
    None = 0,

    /// <summary>The room could not or would not do it; the message says why and what to do.</summary>
    Failed = 1,

    /// <summary>The request is not JSON.</summary>
    NotJson = -32700,

    /// <summary>It is JSON and no request.</summary>
    NotARequest = -32600,

    /// <summary>There is no such command.</summary>
    UnknownMethod = -32601,

    /// <summary>An argument is missing, unknown or out of its range.</summary>
    BadArguments = -32602,

    /// <summary>The device made a mistake, which is in its journal.</summary>
    Mistake = -32603,

    /// <summary>Whoever calls may not do that.</summary>
    NotPermitted = -31999,
}
