using RoomAgent.Hub.Meetings;
using RoomAgent.Testing;
using RoomAgent.Wire;

namespace RoomAgent.Meetings.Tests;

/// <summary>Every structure of the wire, whole and broken.</summary>
public sealed class DecoderTests
{
    private static readonly Lazy<IReadOnlyDictionary<string, (byte[] Good, Truncation.Decoder Decode, Func<byte[], byte[]> Again)>> s_structures = new(Make);

    public static TheoryData<string> Structures => [.. s_structures.Value.Keys];

    [Theory]
    [MemberData(nameof(Structures))]
    public void WhatIsDecodedEncodesToTheSameBytes(string name)
    {
        (byte[] good, _, Func<byte[], byte[]> again) = s_structures.Value[name];

        Assert.Equal(good, again(good));
    }

    [Theory]
    [MemberData(nameof(Structures))]
    public void AStructureThatIsCutAnywhereOrHasAByteTooManyIsRefused(string name)
    {
        (byte[] good, Truncation.Decoder decode, _) = s_structures.Value[name];

        Assert.Empty(Truncation.AcceptedLengths(good, decode));
        Assert.False(decode([.. good, 0]));
    }

    [Fact]
    public void WhatIsTooLargeOrUnknownIsRefused()
    {
        Assert.Null(ClientMessage.Decode([0]));
        Assert.Null(ClientMessage.Decode([99]));
        Assert.Null(ServiceMessage.Decode([0]));
        Assert.Null(ClientMessage.Decode(new Relay(0, 0, ByteString.Owning(new byte[Limits.Relayed + 1])).Encode()));
        Assert.Null(ClientMessage.Decode(new byte[Limits.Message + 1]));
        Assert.Null(ServiceMessage.Decode(new Lobby([.. Enumerable.Repeat(Samples.Entry, Limits.Lobby + 1)]).Encode()));
    }

    [Fact]
    public void APolicyThatNamesSomebodyTwiceIsRefused()
    {
        RoomPolicy policy = Samples.Policy;

        Assert.Null(RoomPolicy.Decode((policy with { Hosts = [policy.Hosts[0], policy.Hosts[0]] }).Encode()));
        Assert.Null(RoomPolicy.Decode((policy with { Anchors = [policy.Anchors[0], policy.Anchors[0]] }).Encode()));
        Assert.Null(RoomPolicy.Decode((policy with { Ejected = [policy.Ejected[0], policy.Ejected[0] with { Epoch = 9 }] }).Encode()));
    }

    private static Dictionary<string, (byte[] Good, Truncation.Decoder Decode, Func<byte[], byte[]> Again)> Make()
    {
        var structures = new Dictionary<string, (byte[], Truncation.Decoder, Func<byte[], byte[]>)>();
        foreach (ClientMessage message in Samples.FromClients)
        {
            structures.Add(message.GetType().Name, (
                message.Encode().ToArray(),
                bytes => ClientMessage.Decode(bytes) is not null,
                bytes => ClientMessage.Decode(bytes)!.Encode().ToArray()));
        }

        foreach ((int i, ServiceMessage message) in Samples.FromService.Index())
        {
            structures.Add($"{message.GetType().Name} {i}", (
                message.Encode().ToArray(),
                bytes => ServiceMessage.Decode(bytes) is not null,
                bytes => ServiceMessage.Decode(bytes)!.Encode().ToArray()));
        }

        structures.Add("RoomPolicy", (Samples.Policy.Encode().ToArray(), bytes => RoomPolicy.Decode(bytes) is not null, bytes => RoomPolicy.Decode(bytes)!.Encode().ToArray()));
        structures.Add("SignedHostAction", (Samples.Admission.Encode().ToArray(), bytes => SignedHostAction.Decode(bytes) is not null, bytes => SignedHostAction.Decode(bytes)!.Encode().ToArray()));
        structures.Add("Heartbeat", (Samples.Beat.Encode().ToArray(), bytes => Heartbeat.Decode(bytes) is not null, bytes => Heartbeat.Decode(bytes)!.Encode().ToArray()));
        var body = new LogBody
        {
            Origin = ByteString.CopyOf("dns:a"u8),
            MessageId = 7,
            Hash = Samples.Digest,
            Commit = ByteString.CopyOf("commit"u8),
            GroupInfo = ByteString.CopyOf("info"u8),
            Causes = [new LeafCause(3, RosterCause.Lost)],
        };
        structures.Add("LogBody", (body.Encode().ToArray(), bytes => LogBody.Decode(bytes) is not null, bytes => LogBody.Decode(bytes)!.Encode().ToArray()));
        var snapshot = new SnapshotBody(1, ByteString.CopyOf("info"u8), ByteString.CopyOf("tree"u8));
        structures.Add("SnapshotBody", (snapshot.Encode().ToArray(), bytes => SnapshotBody.Decode(bytes) is not null, bytes => SnapshotBody.Decode(bytes)!.Encode().ToArray()));
        return structures;
    }
}
