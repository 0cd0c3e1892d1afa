using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;
using RoomAgent.Hub.Calendar;
using RoomAgent.Hub.Identity;
using RoomAgent.Hub.Store;
using RoomAgent.Hub.Testing;
using RoomAgent.Meetings;

namespace RoomAgent.Hub.Tests;

/// <summary>Calendars that are polled: taken over, followed, and never a way into the hub's own network (issue 6, L04).</summary>
public sealed class FeedTests : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("roomhub-feeds-").FullName;
    private readonly VirtualClock _clock = new();
    private readonly OrganisationId _school = OrganisationId.New();
    private readonly X509Certificate2 _certificate = NewCertificate();
    private Database _database = null!;
    private FeedStore _feeds = null!;
    private FeedClient _client = null!;
    private CalendarWork _work = null!;
    private WebApplication _web = null!;
    private RequestDelegate _answer = _ => Task.CompletedTask;
    private int _asked;

    public async ValueTask InitializeAsync()
    {
        _database = Database.Sqlite(Path.Combine(_folder, "hub.db"));
        await _database.MigrateAsync(_clock.GetUtcNow());
        await new RoomStore(_database).AddAsync(new Room(Guid.NewGuid(), _school, "Room 1", "Europe/Berlin", null, null, null, null), "alice", _clock.GetUtcNow(), default);
        _feeds = new FeedStore(_database);
        _client = new FeedClient(mayBePrivate: true, trust: (_, presented, _, _) => presented!.GetRawCertData().AsSpan().SequenceEqual(_certificate.RawData));
        _work = NewWork(_client);

        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(server => server.Listen(IPAddress.Loopback, 0, listen => listen.UseHttps(_certificate)));
        _web = builder.Build();
        _web.Run(context =>
        {
            Interlocked.Increment(ref _asked);
            return _answer(context);
        });
        await _web.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        _work.Dispose();
        _client.Dispose();
        await _web.StopAsync();
        await _web.DisposeAsync();
        await _database.DisposeAsync();
        _certificate.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task ACalendarIsTakenOverFollowedAndLetGo()
    {
        string file = Samples.Google;
        _answer = context => SendAsync(context, file);
        Feed feed = await AddAsync();

        await _work.StepAsync(default);
        Assert.Equal(["Closed", "Stand-up"], await TitlesAsync());
        Assert.Null((await FeedAsync()).Fault);

        // Not before five minutes.
        file = Samples.Google.Replace("SUMMARY:Stand-up", "SUMMARY:Sit-down", StringComparison.Ordinal);
        await _work.StepAsync(default);
        Assert.Equal(1, _asked);
        _clock.Advance(FeedStore.Pause);
        await _work.StepAsync(default);
        Assert.Equal(["Closed", "Sit-down"], await TitlesAsync());

        // What is not in it any more goes.
        file = Samples.Thunderbird;
        _clock.Advance(FeedStore.Pause);
        await _work.StepAsync(default);
        Assert.Equal(["Grüße aus München"], await TitlesAsync());

        Assert.True(await _feeds.RemoveAsync(_school, feed.Id, "alice", _clock.GetUtcNow(), default));
        Assert.Empty(await TitlesAsync());
    }

    [Fact]
    public async Task WhatIsAsItWasIsNotSentAgain()
    {
        var asked = new List<string>();
        _answer = context =>
        {
            asked.Add($"{context.Request.Headers.IfNoneMatch}|{context.Request.Headers.IfModifiedSince}");
            context.Response.Headers.ETag = "\"v1\"";
            context.Response.Headers.LastModified = "Wed, 25 Nov 2026 07:00:00 GMT";
            if (context.Request.Headers.IfNoneMatch == "\"v1\"")
            {
                context.Response.StatusCode = StatusCodes.Status304NotModified;
                return Task.CompletedTask;
            }

            return SendAsync(context, Samples.Google);
        };
        await AddAsync();

        for (int i = 0; i < 3; i++)
        {
            await _work.StepAsync(default);
            _clock.Advance(FeedStore.Pause);
        }

        const string known = "\"v1\"|Wed, 25 Nov 2026 07:00:00 GMT";
        Assert.Equal(["|", known, known], asked);
        Assert.Equal(["Closed", "Stand-up"], await TitlesAsync());

        // Another room may be in it, so it is read again.
        await new RoomStore(_database).AddAsync(new Room(Guid.NewGuid(), _school, "Room 2", "Europe/Berlin", null, null, null, null), "alice", _clock.GetUtcNow(), default);
        await _work.StepAsync(default);
        Assert.Equal("|", asked[^1]);
    }

    [Fact]
    public async Task AFailureIsShownAndLeavesWhatIsThere()
    {
        _answer = context => SendAsync(context, Samples.Google);
        await AddAsync();
        await _work.StepAsync(default);

        foreach ((RequestDelegate answer, string fault, int? line) in new (RequestDelegate, string, int?)[]
        {
            (context => SendAsync(context, "<html>sign in</html>"), FeedFaults.NotACalendar, 1),
            (context => SendAsync(context, Samples.Google[..200]), FeedFaults.NotACalendar, null),
            (context => SendAsync(context, Samples.Google.Replace("METHOD:PUBLISH", "METHOD:CANCEL", StringComparison.Ordinal)), FeedFaults.NotACalendar, null),
            (context => StatusAsync(context, 404), FeedFaults.Refused, null),
            (context => StatusAsync(context, 304), FeedFaults.Refused, null),
            (context => RedirectAsync(context, "http://calendar.example.org/"), FeedFaults.Refused, null),
            (context => RedirectAsync(context, "file:///etc/passwd"), FeedFaults.Refused, null),
            (context => RedirectAsync(context, "/again"), FeedFaults.TooManyRedirects, null),
            (context => SendAsync(context, new string('x', FeedClient.MaxFile + 1)), FeedFaults.TooLarge, null),
            (ForEverAsync, FeedFaults.TooLarge, null),
            (context => { context.Abort(); return Task.CompletedTask; }, FeedFaults.Unreachable, null),
        })
        {
            _answer = answer;
            _clock.Advance(TimeSpan.FromHours(1));
            await _work.StepAsync(default);

            Feed feed = await FeedAsync();
            Assert.Equal(fault, feed.Fault);
            if (line is not null)
                Assert.Equal(line, feed.FaultLine);
            Assert.Equal(["Closed", "Stand-up"], await TitlesAsync());
        }

        Assert.Equal(11, (await FeedAsync()).Failures);
        _answer = context => SendAsync(context, Samples.Google.Replace("FREQ=WEEKLY", "FREQ=HOURLY", StringComparison.Ordinal));
        _clock.Advance(TimeSpan.FromHours(1));
        await _work.StepAsync(default);
        Assert.Equal((FeedFaults.LeftOut, 0), ((await FeedAsync()).Fault, (await FeedAsync()).Failures));
    }

    [Fact]
    public async Task ACalendarThatFailsIsAskedLessAndLessOften()
    {
        _answer = context => StatusAsync(context, 500);
        await AddAsync();

        for (int minutes = 0; minutes < 6 * 60; minutes += 5)
        {
            await _work.StepAsync(default);
            _clock.Advance(TimeSpan.FromMinutes(5));
        }

        // At 0, 5, 15, 35, 75 minutes, then every hour.
        Assert.Equal(9, _asked);
    }

    // By name: one bad calendar stops all of them.
    [Fact]
    public async Task ACalendarThatTheHubCannotCopeWithHoldsUpNoOther()
    {
        _answer = context => SendAsync(context, Samples.Google);
        Feed bad = await AddAsync();
        await _work.StepAsync(default);
        await _database.WriteAsync(transaction => transaction.ExecuteAsync($"UPDATE calendar_meeting SET body = {"{"}, rolled_until = {_clock.GetUtcNow()}"));
        var good = new Feed(Guid.NewGuid(), _school, Address + "?good", "Europe/Berlin", MeetingClass.EndToEnd, null, null, null, null, null, null, null, 0);
        _clock.Advance(TimeSpan.FromHours(1));
        Assert.True(await _feeds.AddAsync(good, "alice", _clock.GetUtcNow(), default));

        Assert.True(await _work.StepAsync(default));

        List<Feed> feeds = await _feeds.ListAsync(_school, default);
        Assert.Equal((FeedFaults.Broken, 1), feeds.Where(feed => feed.Id == bad.Id).Select(feed => (feed.Fault, feed.Failures)).Single());
        Feed other = feeds.Single(feed => feed.Id == good.Id);
        Assert.Equal((null, _clock.GetUtcNow()), (other.Fault, other.GoodAt));
    }

    [Fact]
    public async Task AMeetingThatCannotBeWorkedOutHoldsUpNoOther()
    {
        var plans = new PlanStore(_database);
        var plan = new MeetingPlan { Title = "Weekly", Zone = "Europe/Berlin", Start = new DateTime(2026, 11, 26, 9, 0, 0), DurationSeconds = 3600, Rule = "FREQ=WEEKLY" };
        KeptMeeting bad = (await plans.AddAsync(_school, plan, "alice", _clock.GetUtcNow(), default))!;
        KeptMeeting good = (await plans.AddAsync(_school, plan, "alice", _clock.GetUtcNow(), default))!;
        await _database.WriteAsync(transaction => transaction.ExecuteAsync($"UPDATE calendar_meeting SET body = {"{"} WHERE meeting = {bad.Id.ToByteArray(bigEndian: true)}"));
        _clock.Advance(TimeSpan.FromDays(14));

        Assert.Equal([bad.Id], await plans.RollAsync(_clock.GetUtcNow(), default));

        Assert.Equal(14, (await plans.FindAsync(_school, good.Id, _clock.GetUtcNow(), default)).Occurrences.Count);
        _clock.Advance(TimeSpan.FromHours(1));
        Assert.Equal([bad.Id], await plans.RollAsync(_clock.GetUtcNow(), default));
    }

    // By name: the hub as a way to its neighbours.
    [Fact]
    public async Task NothingInsideTheOwnNetworkIsAsked()
    {
        using var client = new FeedClient(mayBePrivate: false, trust: (_, presented, _, _) => presented!.GetRawCertData().AsSpan().SequenceEqual(_certificate.RawData));
        int port = new Uri(_web.Urls.Single()).Port;
        _answer = context => SendAsync(context, Samples.Google);

        foreach (string host in new[] { "127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "0.0.0.0", "2130706433", "0x7f.1" })
            Assert.Equal((host, FeedFaults.PrivateAddress), (host, (await client.FetchAsync(new Uri($"https://{host}:{port}/"), null, null, default)).Fault));
        Assert.Equal(0, _asked);
    }

    [Theory]
    [InlineData("8.8.8.8", true)]
    [InlineData("2606:4700::1111", true)]
    [InlineData("0.0.0.0", false)]
    [InlineData("10.1.2.3", false)]
    [InlineData("100.64.0.1", false)]
    [InlineData("127.0.0.1", false)]
    [InlineData("169.254.169.254", false)]
    [InlineData("172.16.0.1", false)]
    [InlineData("172.32.0.1", true)]
    [InlineData("192.168.1.1", false)]
    [InlineData("198.18.0.1", false)]
    [InlineData("203.0.113.1", false)]
    [InlineData("224.0.0.1", false)]
    [InlineData("255.255.255.255", false)]
    [InlineData("::", false)]
    [InlineData("::1", false)]
    [InlineData("::ffff:10.0.0.1", false)]
    [InlineData("::ffff:8.8.8.8", true)]
    [InlineData("64:ff9b::a00:1", false)]
    [InlineData("fe80::1", false)]
    [InlineData("fc00::1", false)]
    [InlineData("fd12:3456::1", false)]
    [InlineData("ff02::1", false)]
    [InlineData("2001:db8::1", false)]
    [InlineData("2001::1", false)]
    [InlineData("2002:a00:1::", false)]
    public void OnlyAddressesOfEverybodyArePublic(string address, bool isPublic) => Assert.Equal(isPublic, FeedClient.IsPublic(IPAddress.Parse(address)));

    [Theory]
    [InlineData("https://calendar.example.org/a.ics", true)]
    [InlineData("webcal://calendar.example.org/a.ics?x=1", true)]
    [InlineData("http://calendar.example.org/a.ics", false)]
    [InlineData("https://user:secret@calendar.example.org/", false)]
    [InlineData("ftp://calendar.example.org/", false)]
    [InlineData("file:///etc/passwd", false)]
    [InlineData("https://", false)]
    [InlineData("", false)]
    [InlineData(null, false)]
    public void OnlyHttpsIsPolled(string? address, bool isGood) => Assert.Equal(isGood, FeedClient.ReadAddress(address) is not null);

    [Fact]
    public async Task ACertificateThatNobodyKnowsIsNotTrusted()
    {
        using var client = new FeedClient(mayBePrivate: true);
        _answer = context => SendAsync(context, Samples.Google);

        Assert.Equal(FeedFaults.Unreachable, (await client.FetchAsync(new Uri(Address), null, null, default)).Fault);
        Assert.Equal(0, _asked);
    }

    private string Address => $"https://localhost:{new Uri(_web.Urls.Single()).Port}/room.ics";

    private CalendarWork NewWork(FeedClient client) => new(_feeds, new PlanStore(_database), new Importer(_database), client, _clock, NullLogger<CalendarWork>.Instance);

    private async Task<Feed> AddAsync()
    {
        var feed = new Feed(Guid.NewGuid(), _school, Address, "Europe/Berlin", MeetingClass.EndToEnd, null, null, null, null, null, null, null, 0);
        Assert.True(await _feeds.AddAsync(feed, "alice", _clock.GetUtcNow(), default));
        Assert.False(await _feeds.AddAsync(feed with { Id = Guid.NewGuid() }, "alice", _clock.GetUtcNow(), default));
        return feed;
    }

    private async Task<Feed> FeedAsync() => Assert.Single(await _feeds.ListAsync(_school, default));

    private async Task<string[]> TitlesAsync() => [.. (await new PlanStore(_database).ListAsync(_school, null, default)).Select(meeting => meeting.Plan.Title).Order(StringComparer.Ordinal)];

    private static Task SendAsync(HttpContext context, string text)
    {
        context.Response.ContentType = "text/calendar";
        return context.Response.WriteAsync(text, Encoding.UTF8);
    }

    private static Task StatusAsync(HttpContext context, int status)
    {
        context.Response.StatusCode = status;
        return Task.CompletedTask;
    }

    private static Task RedirectAsync(HttpContext context, string to)
    {
        context.Response.Redirect(to);
        return Task.CompletedTask;
    }

    // Without saying how much there will be.
    private static async Task ForEverAsync(HttpContext context)
    {
        byte[] part = new byte[64 * 1024];
        for (int i = 0; i < 1_000 && !context.RequestAborted.IsCancellationRequested; i++)
        {
            await context.Response.Body.WriteAsync(part);
            await context.Response.Body.FlushAsync();
        }
    }

    private static X509Certificate2 NewCertificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using X509Certificate2 made = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256).CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        return X509CertificateLoader.LoadPkcs12(made.Export(X509ContentType.Pkcs12), null);
    }
}
