using System.Text.Json.Nodes;
using RoomAgent.Mls;
using RoomAgent.Testing;

namespace RoomAgent.Benchmarks.Mls;

/// <summary>ts-mls as the last member of a group that we built, and how long it takes for what we take some time for.</summary>
internal sealed class Peer(NodeProgram program) : IDisposable
{
    private const string Name = "peer";

    /// <summary>Joins, and says how long that took.</summary>
    public TimeSpan Join(Group committer)
    {
        Ask("client", new() { ["suite"] = (int)BuiltGroup.Suite.Id, ["basic"] = "70656572" });
        KeyPackage keyPackage = MlsMessage.Decode(Bytes(Ask("keyPackage", [])["message"]!))!.KeyPackage!;
        var options = new CommitOptions { Proposals = [new AddProposal(keyPackage)], ForcePath = true };
        if (committer.Commit(options, BuiltGroup.Time, out PendingCommit? pending) is { } refusal)
            throw new InvalidOperationException(refusal.ToString());

        JsonObject join = new() { ["welcome"] = Hex(MlsMessage.Of(pending!.Welcome!).Encode()) };
        TimeSpan time = Time("join", join);
        Ask("join", join);
        committer.Merge(pending.Staged, BuiltGroup.Time.Now);
        return time;
    }

    public TimeSpan KeyPackage() => Time("keyPackage", []);

    public TimeSpan Commit(params JsonObject[] changes) => Time("commit", new() { ["open"] = true, ["changes"] = new JsonArray(changes) });

    public TimeSpan Process(byte[] message) => Time("receive", new() { ["message"] = Hex(message) });

    public TimeSpan Export() => Time("look", new() { ["label"] = "SFrame 1.0 Base Key", ["length"] = 32 });

    public static JsonObject Add(KeyPackage keyPackage) => new() { ["add"] = Hex(MlsMessage.Of(keyPackage).Encode()) };

    public static JsonObject Remove(int leaf) => new() { ["remove"] = leaf };

    public void Dispose() => program.Dispose();

    private TimeSpan Time(string command, JsonObject parameters)
    {
        parameters = parameters.DeepClone().AsObject();
        parameters["command"] = command;
        return TimeSpan.FromMicroseconds((double)Ask("time", parameters)["microseconds"]!);
    }

    private JsonObject Ask(string command, JsonObject parameters)
    {
        parameters = parameters.DeepClone().AsObject();
        parameters["do"] = command;
        parameters["as"] = Name;
        JsonObject answer = program.Ask(parameters);
        return answer["error"] is { } error ? throw new InvalidOperationException($"{command}: {error}") : answer;
    }

    private static string Hex(byte[] bytes) => Convert.ToHexStringLower(bytes);

    private static byte[] Bytes(JsonNode hex) => Convert.FromHexString((string)hex!);
}
