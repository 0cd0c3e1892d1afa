using System.Diagnostics;
using System.Net;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using RoomAgent.Hub.People;
using RoomAgent.Hub.Store;
using RoomAgent.Hub.Testing;

namespace RoomAgent.Hub.Tests;

/// <summary>Signing in, and those who should not.</summary>
public sealed class SignInTests
{
    private readonly VirtualClock _clock = new();

    [Fact]
    public async Task TheCookieIsThisHostsOverTlsForNoScriptAndEndsWithTheBrowser()
    {
        await using RunningHub hub = await RunningHub.StartAsync(_clock);
        using Visitor alice = await Visitor.FirstAsync(hub);

        using var again = new Visitor(hub);
        Page page = await again.SignInAsync(Visitor.Mailbox, Visitor.Password);

        string cookie = page.Response.Headers.GetValues("Set-Cookie").Single(cookie => cookie.StartsWith("__Host-roomhub=", StringComparison.Ordinal));
        string[] attributes = [.. cookie.Split("; ").Skip(1).Order()];
        Assert.Equal(["httponly", "path=/", "samesite=lax", "secure"], attributes);
    }

    [Fact]
    public async Task ASessionThatSomebodyPlantedIsNotTheOneThatTheVictimGets()
    {
        await using RunningHub hub = await RunningHub.StartAsync(_clock);
        using Visitor alice = await Visitor.FirstAsync(hub);
        using Visitor mallory = await alice.InviteAsync("mallory@school.example");
        string planted = mallory.Session!;

        // The victim's browser comes with the session of the attacker and signs in over it.
        using var victim = new Visitor(hub);
        await victim.SendAsync(Planted(HttpMethod.Get, "/account", planted));
        HttpRequestMessage form = Visitor.Form("/sign-in", victim.Token, ("MailboxText", Visitor.Mailbox), ("Password", Visitor.Password));
        form.Headers.Add("Cookie", $"__Host-roomhub={planted}");
        await victim.SendAsync(form);

        Assert.NotEqual(planted, victim.Session);
        Assert.False(await mallory.IsSignedInAsync());
    }

    [Fact]
    public async Task ASecondSignInHasAnotherSecretAndEndsTheFirst()
    {
        await using RunningHub hub = await RunningHub.StartAsync(_clock);
        using Visitor alice = await Visitor.FirstAsync(hub);
        string first = alice.Session!;
        await alice.GetAsync("/account");

        // The page for those who are not signed in is not shown again, but its form is still taken.
        Page again = await alice.PostAsync("/sign-in", ("MailboxText", Visitor.Mailbox), ("Password", Visitor.Password));

        Assert.Equal(HttpStatusCode.Redirect, again.Status);
        Assert.NotEqual(first, alice.Session);
        Assert.Equal("/sign-in?back=%2Faccount", (await WithCookieAsync(hub, first, "/account")).Location);
    }

    [Theory]
    [InlineData("https://evil.example/")]
    [InlineData("//evil.example/")]
    [InlineData("/\\evil.example/")]
    [InlineData("javascript:alert(1)")]
    [InlineData("evil")]
    public async Task NoLinkLeadsToAnotherSiteAfterSigningIn(string back)
    {
        await using RunningHub hub = await RunningHub.StartAsync(_clock);
        using Visitor alice = await Visitor.FirstAsync(hub);
        using var other = new Visitor(hub);

        Assert.Equal("/", (await other.SignInAsync(Visitor.Mailbox, Visitor.Password, back)).Location);
    }

    [Fact]
    public async Task OneComesBackToWhereOneWantedToGo()
    {
        await using RunningHub hub = await RunningHub.StartAsync(_clock);
        using Visitor alice = await Visitor.FirstAsync(hub);
        using var other = new Visitor(hub);

        Page challenge = await other.GetAsync("/pair?user_code=BCDF-GHJK");
        Assert.Equal("/sign-in?back=%2Fpair%3Fuser_code%3DBCDF-GHJK", challenge.Location);
        Assert.Equal("/pair?user_code=BCDF-GHJK", (await other.SignInAsync(Visitor.Mailbox, Visitor.Password, "/pair?user_code=BCDF-GHJK")).Location);
    }

    [Fact]
    public async Task NobodyLearnsWhichMailboxesThereAre()
    {
        await using RunningHub hub = await RunningHub.StartAsync(_clock);
        using Visitor alice = await Visitor.FirstAsync(hub);
        using var stranger = new Visitor(hub);

        // 1. by the answer
        Page known = await stranger.SignInAsync(Visitor.Mailbox, "not the password");
        Page unknown = await stranger.SignInAsync("bob1@school.example", "not the password");
        Assert.Equal(known.Status, unknown.Status);
        Assert.Equal(Plain(known.Html), Plain(unknown.Html));

        // 2. by the time: without the same hash the unknown one would be some hundred times as fast
        TimeSpan ofKnown = await FewestAsync(Visitor.Mailbox), ofUnknown = await FewestAsync("bob2@school.example");
        Assert.True(ofUnknown > ofKnown / 4, $"known {ofKnown}, unknown {ofUnknown}");

        // 3. by when it is locked
        using var third = new Visitor(hub, IPAddress.Parse("127.0.0.3"));
        for (int i = 0; i < 5; i++)
            Assert.Equal(HttpStatusCode.OK, (await third.SignInAsync("bob3@school.example", "not the password")).Status);
        Assert.Equal(HttpStatusCode.TooManyRequests, (await third.SignInAsync("bob3@school.example", "not the password")).Status);

        string Plain(string html) => html.Replace(stranger.Token, "", StringComparison.Ordinal).Replace(Visitor.Mailbox, "", StringComparison.Ordinal).Replace("bob1@school.example", "", StringComparison.Ordinal)[..1500];

        async Task<TimeSpan> FewestAsync(string mailbox)
        {
            TimeSpan fewest = TimeSpan.MaxValue;
            for (int i = 0; i < 3; i++)
            {
                long start = Stopwatch.GetTimestamp();
                await stranger.PostAsync("/sign-in", ("MailboxText", mailbox), ("Password", "not the password"));
                TimeSpan took = Stopwatch.GetElapsedTime(start);
                fewest = took < fewest ? took : fewest;
            }

            return fewest;
        }
    }

    [Fact]
    public async Task AfterFiveWrongPasswordsTheRightOneWaitsForAQuarterOfAnHourButNotSomewhereElse()
    {
        await using RunningHub hub = await RunningHub.StartAsync(_clock);
        using Visitor alice = await Visitor.FirstAsync(hub);
        using var guesser = new Visitor(hub, IPAddress.Parse("127.0.0.2"));
        using var elsewhere = new Visitor(hub, IPAddress.Parse("127.0.0.3"));

        for (int i = 0; i < 5; i++)
            Assert.Equal(HttpStatusCode.OK, (await guesser.SignInAsync(Visitor.Mailbox, $"wrong password {i}")).Status);

        Page locked = await guesser.SignInAsync(Visitor.Mailbox, Visitor.Password);
        Assert.Equal(HttpStatusCode.TooManyRequests, locked.Status);
        Assert.Equal("900", locked.Header("Retry-After"));
        Assert.Equal("/", (await elsewhere.SignInAsync(Visitor.Mailbox, Visitor.Password)).Location);

        _clock.Advance(TimeSpan.FromMinutes(15));
        Assert.Equal("/", (await guesser.SignInAsync(Visitor.Mailbox, Visitor.Password)).Location);
    }

    [Fact]
    public async Task ManyGuessesAtTheSameTimeAreNoWayAroundTheLimit()
    {
        await using RunningHub hub = await RunningHub.StartAsync(_clock);
        using Visitor alice = await Visitor.FirstAsync(hub);
        using var guesser = new Visitor(hub, IPAddress.Parse("127.0.0.2"));
        await guesser.GetAsync("/sign-in");

        Page[] answers = await Task.WhenAll(Enumerable.Range(0, 12).Select(i => guesser.PostAsync("/sign-in", ("MailboxText", Visitor.Mailbox), ("Password", $"wrong password {i}"))));

        Assert.Equal(5, answers.Count(answer => answer.Status == HttpStatusCode.OK));
        Assert.Equal(7, answers.Count(answer => answer.Status == HttpStatusCode.TooManyRequests));
    }

    [Fact]
    public async Task AHashOfFewerRoundsIsMadeAnewAtTheNextSignIn()
    {
        await using RunningHub hub = await RunningHub.StartAsync(_clock);
        using Visitor alice = await Visitor.FirstAsync(hub);
        Database database = hub.Get<Database>();
        string old = new PasswordHasher<object>(Options.Create(new PasswordHasherOptions { IterationCount = 1_000 })).HashPassword(new object(), Visitor.Password);
        await database.WriteAsync(transaction => transaction.ExecuteAsync($"UPDATE person SET password = {old}"));

        await alice.GetAsync("/account");
        await alice.PostAsync("/sign-in", ("MailboxText", Visitor.Mailbox), ("Password", Visitor.Password));

        string now = (await database.ReadAsync(transaction => transaction.FirstAsync($"SELECT password FROM person", row => row.Text(0))))!;
        Assert.NotEqual(old, now);
        // Format 1, HMAC-SHA512 (2), and the rounds, in 4 bytes each.
        Assert.Equal([1, 0, 0, 0, 2, 0, 3, 0x34, 0x50], Convert.FromBase64String(now)[..9]);
        using var again = new Visitor(hub);
        Assert.Equal("/", (await again.SignInAsync(Visitor.Mailbox, Visitor.Password)).Location);
    }

    [Fact]
    public async Task AFloodOfPasswordsIsRefusedInsteadOfTakingAllCores()
    {
        using var passwords = new Passwords(rounds: 100_000);

        PasswordVerdict?[] verdicts = await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => Task.Run(() => passwords.VerifyAsync(null, "some password"))));

        Assert.Contains(null, verdicts);
        Assert.Contains(PasswordVerdict.Wrong, verdicts);
        Assert.Equal(PasswordVerdict.Wrong, await passwords.VerifyAsync(null, "some password"));
    }

    [Fact]
    public async Task NothingPersonalAndNothingSecretIsLogged()
    {
        var lines = new Lines();
        await using RunningHub hub = await RunningHub.StartAsync(_clock, log: log => log.AddProvider(lines).SetMinimumLevel(LogLevel.Trace));
        using Visitor alice = await Visitor.FirstAsync(hub);
        using var stranger = new Visitor(hub, IPAddress.Parse("127.0.0.2"));
        for (int i = 0; i < 6; i++)
            await stranger.SignInAsync(Visitor.Mailbox, $"guessed phrase {i}");
        await alice.GetAsync("/people");

        Assert.Contains(lines.All, line => line.Contains("has signed in", StringComparison.Ordinal));
        Assert.Contains(lines.All, line => line.Contains("too many wrong passwords came", StringComparison.Ordinal));
        string[] private_ = [Visitor.Mailbox, "Alice", Visitor.Password, "guessed phrase", alice.Session!];
        Assert.DoesNotContain(lines.Ours, line => private_.Any(text => line.Contains(text, StringComparison.OrdinalIgnoreCase)));
    }

    private static HttpRequestMessage Planted(HttpMethod method, string path, string session)
    {
        var request = new HttpRequestMessage(method, path);
        request.Headers.Add("Cookie", $"__Host-roomhub={session}");
        return request;
    }

    internal static async Task<Page> WithCookieAsync(RunningHub hub, string session, string path)
    {
        using var visitor = new Visitor(hub);
        return await visitor.SendAsync(Planted(HttpMethod.Get, path, session));
    }
}
