using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json.Nodes;

namespace RoomAgent.Media.Tests.Namespaces;

/// <summary>A room behind firewalls, proxies and NATs, in network namespaces: which way its media takes, and how soon (REQUIREMENTS G02..G09, G12, G19, J06).</summary>
[Trait("Category", "Peer")]
[Collection(nameof(NamespaceCollection))]
public sealed class MatrixTests : IDisposable
{
    private const string Signalling = "tcp dport 443 accept";
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    private readonly string _secret = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));
    private readonly ITestOutputHelper _output;
    private readonly Site? _site;
    private string _trust = "";

    public MatrixTests(ITestOutputHelper output)
    {
        _output = output;
        if (Host.Missing is null)
            _site = new Site();
    }

    private Site Site
    {
        get
        {
            Assert.SkipWhen(Host.Missing is not null, $"{Host.Missing}");
            return _site!;
        }
    }

    public void Dispose() => _site?.Dispose();

    [Theory]
    [InlineData("all open", "accept", "Udp", 4_000)]
    [InlineData("UDP 5004 blocked", $"udp dport 9000 accept; tcp dport 5004 accept; {Signalling}", "UdpAlternative", 3_000)]
    [InlineData("all UDP blocked", $"tcp dport 5004 accept; {Signalling}", "Tcp", 3_000)]
    [InlineData("UDP and TCP 5004 blocked", Signalling, "Tls", 4_000)]
    public void TheBestWayThatIsOpenIsTaken(string name, string permitted, string expected, int longest)
    {
        Site.Permit(permitted.Replace("; ", "\n        ", StringComparison.Ordinal));
        StartHub();

        LabProcess room = StartRoom();

        AssertWay(name, room, expected, longest);
    }

    [Fact]
    public void WhereOnlyAProxyMayLeaveMediaGoesThroughItWithItsPassword()
    {
        Assert.SkipWhen(!Host.IsInstalled("squid"), "squid is not installed (./test without --fast installs it)");
        using var proxy = new Proxy(Site.Wall, Site.WallAddress);
        Site.Permit("");
        StartHub();

        LabProcess room = StartRoom("--proxy", proxy.Url);

        AssertWay("only a proxy", room, "Tls", 5_000);
        Assert.Contains($"CONNECT {Site.HubAddress}:443", proxy.AccessLog(), StringComparison.Ordinal);
    }

    [Fact]
    public void ANatThatForgetsCostsNoPictureForLong()
    {
        Assert.SkipWhen(!Host.IsInstalled("conntrack"), "conntrack is not installed (./test without --fast installs it)");
        Site.Translate(firstPort: 20_000);
        StartHub();
        LabProcess room = StartRoom();
        AssertWay("NAT", room, "Udp", 4_000);

        room.Tell("mark");
        Site.Translate(firstPort: 30_000);
        Site.Wall.Run("conntrack", "-F");
        Thread.Sleep(TimeSpan.FromSeconds(4));

        AssertGap("NAT that forgets", room, longest: 500);
    }

    [Fact]
    public void AnotherAddressIsTakenUpWithinTwoSecondsWithTheSameKeys()
    {
        Site.Permit("accept");
        StartHub();
        LabProcess room = StartRoom();
        AssertWay("address change, before", room, "Udp", 4_000);

        room.Tell("mark");
        string device = "to-wall";
        Site.Room.Run("ip", "address", "delete", $"{Site.RoomAddress}/24", "dev", device);
        Site.Room.Run("ip", "address", "add", $"{Site.OtherRoomAddress}/24", "dev", device);
        Site.Room.Run("ip", "route", "replace", "default", "via", Site.WallAddress);
        Thread.Sleep(TimeSpan.FromSeconds(6));

        AssertGap("address change", room, longest: 2_000);
    }

    [Fact]
    public void WhenUdpDiesTheNextWayIsThereInThreeSecondsAndUdpIsBackInThirty()
    {
        Site.Permit("accept");
        StartHub();
        LabProcess room = StartRoom();
        AssertWay("before UDP dies", room, "Udp", 4_000);

        room.Tell("mark");
        Site.Forbid("meta l4proto udp drop");
        room.WaitFor("path", s_patience, change => (string?)change["kind"] == "Tcp");
        Thread.Sleep(TimeSpan.FromSeconds(2));
        AssertGap("UDP dies", room, longest: 3_000);

        room.Tell("mark");
        Site.Permit("accept");
        var waited = System.Diagnostics.Stopwatch.StartNew();
        room.WaitFor("path", s_patience, change => (string?)change["kind"] == "Udp");
        _output.WriteLine($"back on UDP after {waited.Elapsed.TotalSeconds:F1} s");
        Thread.Sleep(TimeSpan.FromSeconds(2));
        AssertGap("back to UDP", room, longest: 1_000);
    }

    [Fact]
    public void WhenOnlyTheWayOutOfTheRoomDiesTheOthersSoonSeeItAgain()
    {
        Site.Permit("accept");
        LabProcess other = StartHub();
        LabProcess room = StartRoom();
        AssertWay("before the way out dies", room, "Udp", 4_000);
        other.WaitFor("picture", s_patience);

        other.Tell("mark");
        room.Tell("mark");
        Site.Forbid($"ip saddr {Site.RoomAddress} meta l4proto udp drop");
        room.WaitFor("path", s_patience, change => (string?)change["kind"] == "Tcp");
        Thread.Sleep(TimeSpan.FromSeconds(2));

        AssertGap("the way out dies, seen by the others", other, longest: 5_000);
        AssertGap("the way out dies, seen by the room", room, longest: 1_000);
    }

    [Fact]
    public void WithFivePercentLossPicturesGoOn()
    {
        Site.Forbid("udp dport 5004 numgen random mod 100 < 5 drop\n        udp sport 5004 numgen random mod 100 < 5 drop");
        StartHub();
        LabProcess room = StartRoom();
        AssertWay("5 % loss", room, "Udp", 3_000);

        room.Tell("mark");
        Thread.Sleep(TimeSpan.FromSeconds(10));

        JsonNode status = AssertGap("5 % loss", room, longest: 1_000);
        Assert.True((int)status["shown"]! > 240, $"{status}");
    }

    /// <returns>The other room.</returns>
    private LabProcess StartHub()
    {
        LabProcess hub = LabProcess.Start(Site.Hub, "node", "--listen", Site.HubAddress);
        _trust = (string)hub.WaitFor("ready", s_patience)["certificate"]!;

        // The other room is next to the hub, behind no wall.
        LabProcess other = LabProcess.Start(Site.Hub, "room", "--hub", Site.HubAddress, "--trust", _trust, "--leaf", "1", "--secret", _secret);
        other.WaitFor("path", s_patience);
        return other;
    }

    private LabProcess StartRoom(params string[] more) =>
        LabProcess.Start(Site.Room, ["room", "--hub", Site.HubAddress, "--trust", _trust, "--leaf", "2", "--secret", _secret, .. more]);

    private void AssertWay(string name, LabProcess room, string expected, int longest)
    {
        JsonNode path = room.WaitFor("path", s_patience);
        JsonNode picture = room.WaitFor("picture", s_patience);
        _output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name}: {path["kind"]} after {path["ms"]} ms, first picture of the other room after {picture["ms"]} ms"));
        Assert.Equal(expected, (string?)path["kind"]);
        Assert.True((int)picture["ms"]! <= longest, $"{name}: {picture}");
    }

    private JsonNode AssertGap(string name, LabProcess room, int longest)
    {
        JsonNode status = room.Status();
        _output.WriteLine($"{name}: {status}");
        Assert.True((double)status["gap"]! <= longest, $"{name}: {status}");
        Assert.Equal(0, (long)status["refused"]!);
        return status;
    }
}
