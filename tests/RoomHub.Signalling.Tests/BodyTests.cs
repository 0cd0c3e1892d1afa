using System.Net;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;
using RoomAgent.Hub.Identity;
using RoomAgent.Hub.Meetings;
using RoomAgent.Hub.Testing;
using RoomAgent.Wire;

namespace RoomAgent.Hub.Tests;

/// <summary>Large messages beside the connection: what keeps room for them, and what they cost.</summary>
public sealed class BodyTests : IAsyncLifetime
{
    private const string ContentType = "application/octet-stream";

    private readonly TestDirectory _directory = new();
    private readonly OrganisationId _school = OrganisationId.New();
    private RunningHub _hub = null!;
    private Room _room = null!;
    private SignalConnection _connection = null!;

    public async ValueTask InitializeAsync()
    {
        _hub = await Meeting.HubAsync(_directory);
        _room = await _hub.PairAsync(_school);
        _room.Signalling.Start();
        await Meeting.UntilAsync(() => _hub.Get<SignalConnections>().Count == 1, () => "not connected");
        _connection = _hub.Get<SignalConnections>().All.Single();
    }

    public async ValueTask DisposeAsync()
    {
        await _room.DisposeAsync();
        await _hub.DisposeAsync();
    }

    [Fact]
    public async Task AnUploadIsKeptUntilItIsSaid()
    {
        byte[] body = new byte[100_000];
        Random.Shared.NextBytes(body);

        Testing.Answer answer = await UploadAsync(_connection.Bodies.Connection, body);

        Assert.Equal(HttpStatusCode.OK, answer.Status);
        Assert.Equal(body, _connection.Bodies.Take(await answer.Response.Content.ReadAsStringAsync()));
    }

    // By name: memory by headers alone.
    [Fact]
    public async Task AnUploadForNoConnectionIsRefusedBeforeItIsRead()
    {
        string nobody = ByteString.Owning([.. _hub.Get<HubName>().Value.Span, .. new byte[HubName.Size]]).ToString();

        // First a good one, so that the device knows the nonce.
        Assert.Equal(HttpStatusCode.OK, (await UploadAsync(_connection.Bodies.Connection, new byte[1])).Status);
        Assert.StartsWith("HTTP/1.1 404", await BeginAsync(nobody, Bodies.Longest), StringComparison.Ordinal);
    }

    [Fact]
    public async Task UploadsThatOnlyBeginTakeTheRoomOfTheirConnectionAndNoMore()
    {
        Assert.Equal(HttpStatusCode.OK, (await UploadAsync(_connection.Bodies.Connection, new byte[1])).Status);
        for (int kept = SignallingSettings.LongestInline; kept + Bodies.Longest <= new SignallingSettings().MostWaitingBytes; kept += Bodies.Longest)
            Assert.NotNull(_connection.Bodies.Reserve(Bodies.Longest));

        Assert.StartsWith("HTTP/1.1 404", await BeginAsync(_connection.Bodies.Connection, Bodies.Longest), StringComparison.Ordinal);
    }

    [Fact]
    public void ASubjectHasFourUploadsAtOnce()
    {
        var uploads = new Uploads();
        for (int i = 0; i < 4; i++)
            Assert.True(uploads.TryBegin("person:a"));

        Assert.False(uploads.TryBegin("person:a"));
        Assert.True(uploads.TryBegin("person:b"));
        uploads.End("person:a");
        Assert.True(uploads.TryBegin("person:a"));
    }

    [Fact]
    public void RoomIsForOneBodyOfThatLengthOnceAndThenThatOfOthersAgain()
    {
        Bodies bodies = _connection.Bodies;
        string ticket = bodies.Reserve(30_000)!;

        Assert.Null(bodies.Find(ticket));
        Assert.Null(bodies.Take(ticket));
        Assert.False(bodies.Fill(ticket, new byte[29_999]));
        Assert.True(bodies.Fill(ticket, new byte[30_000]));
        Assert.False(bodies.Fill(ticket, new byte[30_000]));
        Assert.False(bodies.Fill("no such ticket", new byte[1]));
        Assert.NotNull(bodies.Take(ticket));
        Assert.Null(bodies.Reserve(0));
        Assert.Null(bodies.Reserve(Bodies.Longest + 1));

        // Small ones are not many either.
        int most = new SignallingSettings().MostWaitingBytes / SignallingSettings.LongestInline;
        Assert.All(Enumerable.Range(0, most), _ => Assert.NotNull(bodies.Put([1])));
        Assert.Null(bodies.Put([1]));
    }

    private Task<Testing.Answer> UploadAsync(string connection, byte[] body) => _room.Device.CallAsync(
        $"/signal/bodies/{connection}",
        HttpMethod.Post,
        () => new ByteArrayContent(body) { Headers = { ContentType = new MediaTypeHeaderValue(ContentType) } });

    // Sends a head that announces a body, and no body.
    private async Task<string> BeginAsync(string connection, int length)
    {
        string path = $"/signal/bodies/{connection}";
        using var socket = new TcpClient();
        await socket.ConnectAsync(_hub.EndPoint);
        await using var tls = new SslStream(socket.GetStream(), leaveInnerStreamOpen: false, (_, presented, _, _) => presented is not null);
        await tls.AuthenticateAsClientAsync("hub.example.org");
        string head = $"POST {path} HTTP/1.1\r\nHost: hub.example.org\r\nAuthorization: DPoP {_room.Device.AccessToken}\r\nDPoP: {_room.Device.Proof("POST", path, _room.Device.AccessToken)}\r\nContent-Type: {ContentType}\r\nContent-Length: {length}\r\n\r\n";
        await tls.WriteAsync(Encoding.ASCII.GetBytes(head));
        using var reader = new StreamReader(tls, Encoding.ASCII);
        return await reader.ReadLineAsync().WaitAsync(TimeSpan.FromSeconds(5)) ?? "";
    }
}
