using System.Text;
using System.Text.Json.Nodes;
using RoomAgent.Wire;

namespace RoomAgent.Mls.Peer.Tests;

/// <summary>A member by ts-mls: each method is the command of peer.mjs with nearly the same name.</summary>
internal sealed class TheirMember : Member
{
    private readonly TsMls _peer;
    private readonly bool _open;

    /// <param name="peer">The process.</param>
    /// <param name="name">Its name there, which no other member has.</param>
    /// <param name="suite">The number of the suite.</param>
    /// <param name="form">How its handshakes travel.</param>
    /// <param name="credential">Its credential.</param>
    /// <param name="uncured">Leaves its faults as they are; see <see cref="PeerFaultTests"/>.</param>
    public TheirMember(TsMls peer, string name, int suite, Form form, Credential credential, bool uncured = false)
        : base(name, Side.Theirs)
    {
        _peer = peer;
        _open = form == Form.PublicMessage;
        JsonObject parameters = credential.Type == CredentialType.X509
            ? new() { ["x509"] = new JsonArray([.. credential.Certificates.Select(certificate => JsonValue.Create(certificate.ToString()))]) }
            : new() { ["basic"] = credential.Identity.ToString() };
        parameters["suite"] = suite;
        parameters["uncured"] = uncured;
        Ask("client", parameters);
    }

    public override bool IsMember => (bool)AskLook()["isMember"]!;

    public override byte[] NewKeyPackage() => Message(Ask("keyPackage"));

    public override void Found(byte[] groupId) => Ask("create", new() { ["group"] = Hex(groupId) });

    public override void Join(byte[] welcome, byte[]? tree) => Ask("join", new() { ["welcome"] = Hex(welcome), ["tree"] = Hex(tree) });

    public override byte[] JoinByCommit(byte[] groupInfo, byte[]? tree) =>
        Message(Ask("joinExternally", new() { ["groupInfo"] = Hex(groupInfo), ["tree"] = Hex(tree) }));

    public override byte[] Resync(byte[] groupInfo, byte[]? tree) =>
        Message(Ask("joinExternally", new() { ["groupInfo"] = Hex(groupInfo), ["tree"] = Hex(tree), ["resync"] = true }));

    public override byte[] Present(bool withTree) => Message(Ask("groupInfo", new() { ["withTree"] = withTree }));

    public override byte[] Tree() => Bytes(Ask("tree")["tree"])!;

    public override void Learn(string pskId, byte[] key) => Ask("psk", new() { ["id"] = Hex(Encoding.UTF8.GetBytes(pskId)), ["key"] = Hex(key) });

    public override Commitment Commit(bool treeInWelcome, params IReadOnlyList<Change> changes)
    {
        JsonObject answer = Ask("commit", new()
        {
            ["open"] = _open,
            ["changes"] = new JsonArray([.. changes.Select(Write)]),
            ["treeInWelcome"] = treeInWelcome,
        });
        return new Commitment(Message(answer), Bytes(answer["welcome"]));
    }

    public override byte[] Propose(Change change) => Message(Ask("propose", new() { ["open"] = _open, ["change"] = Write(change) }));

    public override byte[] ProposeUpdate() => Message(Ask("proposeUpdate", new() { ["open"] = _open }));

    public override void Receive(byte[] handshake) => Ask("receive", new() { ["message"] = Hex(handshake) });

    public override byte[] Say(string text) => Message(Ask("send", new() { ["data"] = Hex(Encoding.UTF8.GetBytes(text)) }));

    public override string Hear(byte[] message) => Encoding.UTF8.GetString(Bytes(Ask("receive", new() { ["message"] = Hex(message) })["data"])!);

    public override View Look()
    {
        JsonObject answer = AskLook();
        return new View((ulong)answer["epoch"]!, (uint)answer["leaf"]!, ByteString.CopyOf(Bytes(answer["authenticator"])), ByteString.CopyOf(Bytes(answer["exported"])));
    }

    private JsonObject AskLook() => Ask("look", new() { ["label"] = ExporterLabel, ["length"] = ExporterLength });

    private JsonObject Ask(string command, JsonObject? parameters = null)
    {
        parameters ??= [];
        parameters["do"] = command;
        parameters["as"] = Name;
        return _peer.Ask(parameters);
    }

    private static JsonNode? Write(Change change) => change switch
    {
        Change.Add add => new JsonObject { ["add"] = Hex(add.KeyPackage) },
        Change.Remove remove => new JsonObject { ["remove"] = remove.Leaf },
        Change.Psk psk => new JsonObject { ["psk"] = Hex(Encoding.UTF8.GetBytes(psk.Id)) },
        Change.Extensions all => new JsonObject
        {
            ["extensions"] = new JsonArray([.. all.All.Select(e => new JsonObject { ["type"] = e.Type, ["data"] = Hex(e.Data) })]),
        },
        _ => throw new ArgumentOutOfRangeException(nameof(change)),
    };

    private static byte[] Message(JsonObject answer) => Bytes(answer["message"])!;

    private static string? Hex(byte[]? bytes) => bytes is null ? null : Convert.ToHexStringLower(bytes);

    private static byte[]? Bytes(JsonNode? hex) => hex is null ? null : Convert.FromHexString((string)hex!);
}
