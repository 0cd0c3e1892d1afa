using System.Text.Json.Nodes;
using RoomAgent.Testing;

namespace RoomAgent.Mls.Peer.Tests;

/// <summary>The process with ts-mls in it, started by the first test that asks something. What can be asked is written in peer.mjs.</summary>
public sealed class TsMls : IDisposable
{
    private NodeProgram? _program;

    /// <summary>Asks, and gives back the answer.</summary>
    /// <exception cref="PeerRefusedException">ts-mls threw.</exception>
    public JsonObject Ask(JsonObject question)
    {
        Assert.SkipWhen(NodeProgram.Missing is not null, NodeProgram.Missing ?? "");
        _program ??= NodeProgram.Start("ts-mls", "peer.mjs");
        JsonObject answer = _program.Ask(question);
        return answer["error"] is { } error ? throw new PeerRefusedException($"{question["do"]}: {error}") : answer;
    }

    public void Dispose() => _program?.Dispose();
}

/// <summary>The other implementation refused what it was asked to do.</summary>
public sealed class PeerRefusedException(string message) : Exception(message);
