using System.Net;
using RoomAgent.Hub.Store;
using RoomAgent.Hub.Testing;

namespace RoomAgent.Hub.Tests;

/// <summary>How long a session lives, and what ends it.</summary>
public sealed class SessionTests
{
    private readonly VirtualClock _clock = new();

    [Fact]
    public async Task HalfAnHourWithoutACallEndsIt()
    {
        await using RunningHub hub = await RunningHub.StartAsync(_clock);
        using Visitor alice = await Visitor.FirstAsync(hub);

        for (int i = 0; i < 4; i++)
        {
            _clock.Advance(TimeSpan.FromMinutes(29));
            Assert.True(await alice.IsSignedInAsync());
        }

        _clock.Advance(TimeSpan.FromMinutes(30));
        Assert.False(await alice.IsSignedInAsync());
    }

    [Fact]
    public async Task AfterTwelveHoursItEndsWhateverOneDoes()
    {
        await using RunningHub hub = await RunningHub.StartAsync(_clock);
        using Visitor alice = await Visitor.FirstAsync(hub);

        for (int minutes = 0; minutes < 12 * 60 - 20; minutes += 20)
        {
            _clock.Advance(TimeSpan.FromMinutes(20));
            Assert.True(await alice.IsSignedInAsync());
        }

        _clock.Advance(TimeSpan.FromMinutes(20));
        Assert.False(await alice.IsSignedInAsync());
    }

    [Fact]
    public async Task SigningOutEndsItAtTheHubAndNotOnlyInTheBrowser()
    {
        await using RunningHub hub = await RunningHub.StartAsync(_clock);
        using Visitor alice = await Visitor.FirstAsync(hub);
        string session = alice.Session!;
        await alice.GetAsync("/account");

        Assert.Equal("/sign-in?done=signed-out", (await alice.PostAsync("/sign-out")).Location);

        Assert.Equal(HttpStatusCode.Redirect, (await SignInTests.WithCookieAsync(hub, session, "/account")).Status);
    }

    [Fact]
    public async Task AnotherPasswordEndsAllOthersAndGoesOnHere()
    {
        await using RunningHub hub = await RunningHub.StartAsync(_clock);
        using Visitor alice = await Visitor.FirstAsync(hub);
        using var thief = new Visitor(hub);
        await thief.SignInAsync(Visitor.Mailbox, Visitor.Password);
        string before = alice.Session!;
        await alice.GetAsync("/account");

        Page changed = await alice.PostAsync("/account?handler=Password", ("Present", Visitor.Password), ("Next", "seven small green violins"), ("Again", "seven small green violins"));

        Assert.Equal("/account?done=password-changed", changed.Location);
        Assert.True(await alice.IsSignedInAsync());
        Assert.False(await thief.IsSignedInAsync());
        Assert.Equal(HttpStatusCode.Redirect, (await SignInTests.WithCookieAsync(hub, before, "/account")).Status);
        Assert.Null((await thief.SignInAsync(Visitor.Mailbox, Visitor.Password)).Location);
        Assert.Equal("/", (await thief.SignInAsync(Visitor.Mailbox, "seven small green violins")).Location);
    }

    [Fact]
    public async Task WithoutThePresentPasswordNobodyGetsAnother()
    {
        await using RunningHub hub = await RunningHub.StartAsync(_clock);
        using Visitor alice = await Visitor.FirstAsync(hub);
        await alice.GetAsync("/account");

        for (int i = 0; i < 6; i++)
        {
            Page refused = await alice.PostAsync("/account?handler=Password", ("Present", $"guess number {i}"), ("Next", "seven small green violins"), ("Again", "seven small green violins"));
            Assert.Contains(i < 5 ? "This is not your password" : "Too many tries", refused.Html, StringComparison.Ordinal);
        }

        _clock.Advance(TimeSpan.FromMinutes(16));
        using var again = new Visitor(hub);
        Assert.Equal("/", (await again.SignInAsync(Visitor.Mailbox, Visitor.Password)).Location);
    }

    [Fact]
    public async Task ARoleASwitchAndARemovalTakeEffectAtTheNextCall()
    {
        await using RunningHub hub = await RunningHub.StartAsync(_clock);
        using Visitor alice = await Visitor.FirstAsync(hub);
        using Visitor bob = await alice.InviteAsync("bob@school.example", "administrator");
        string id = await PeopleTests.IdOfAsync(alice, "bob@school.example");
        Assert.Equal(HttpStatusCode.OK, (await bob.GetAsync("/people")).Status);

        await alice.GetAsync("/account");
        await alice.PostAsync($"/people/{id}?handler=Role", ("Role", "person"));
        Assert.False(await bob.IsSignedInAsync());
        await bob.SignInAsync("bob@school.example", "another horse without a battery");
        Assert.Equal(HttpStatusCode.Forbidden, (await bob.GetAsync("/people")).Status);

        await alice.PostAsync($"/people/{id}?handler=Disable");
        Assert.False(await bob.IsSignedInAsync());
        Assert.Null((await bob.SignInAsync("bob@school.example", "another horse without a battery")).Location);

        await alice.PostAsync($"/people/{id}?handler=Enable");
        Assert.Equal("/", (await bob.SignInAsync("bob@school.example", "another horse without a battery")).Location);

        await alice.PostAsync($"/people/{id}/remove");
        Assert.False(await bob.IsSignedInAsync());
        Assert.Null((await bob.SignInAsync("bob@school.example", "another horse without a battery")).Location);
    }

    [Fact]
    public async Task OneEndsASessionSomewhereElseOrAllOfThem()
    {
        await using RunningHub hub = await RunningHub.StartAsync(_clock);
        using Visitor alice = await Visitor.FirstAsync(hub);
        using var lost = new Visitor(hub);
        _clock.Advance(TimeSpan.FromMinutes(1));
        await lost.SignInAsync(Visitor.Mailbox, Visitor.Password);
        string page = (await alice.GetAsync("/account")).Html;
        string id = System.Text.RegularExpressions.Regex.Match(page, "handler=End&amp;id=([0-9a-f-]{36})|/account/?\\?id=([0-9a-f-]{36})&amp;handler=End").Groups.Values.Skip(1).First(group => group.Success).Value;

        Assert.Equal("/account?done=session-ended", (await alice.PostAsync($"/account?handler=End&id={id}")).Location);
        Assert.False(await lost.IsSignedInAsync());
        Assert.True(await alice.IsSignedInAsync());
        Assert.Equal(HttpStatusCode.NotFound, (await alice.PostAsync($"/account?handler=End&id={id}")).Status);

        await alice.PostAsync("/account?handler=Everywhere");
        Assert.False(await alice.IsSignedInAsync());
    }

    [Fact]
    public async Task SessionsAndFormsOutliveARestartAndAreNotReadableInTheDatabase()
    {
        RunningHub before = await RunningHub.StartAsync(_clock);
        using Visitor alice = await Visitor.FirstAsync(before);
        string session = alice.Session!;
        List<string> keys = await before.Get<Database>().ReadAsync(transaction => transaction.AllAsync($"SELECT element FROM form_key", row => row.Text(0)));

        await using RunningHub hub = await before.RestartAsync();
        using var again = new Visitor(hub);
        Assert.Equal(HttpStatusCode.OK, (await SignInTests.WithCookieAsync(hub, session, "/account")).Status);

        string key = Assert.Single(keys);
        Assert.Contains("<wrapped", key, StringComparison.Ordinal);
        Assert.DoesNotContain("masterKey", key, StringComparison.OrdinalIgnoreCase);
        Assert.Equal(1, await hub.Get<Database>().ReadAsync(transaction => transaction.FirstAsync($"SELECT COUNT(*) FROM form_key", row => row.Long(0))));
        byte[] file = await File.ReadAllBytesAsync(Path.Combine(hub.Settings.Data, "hub.db"));
        Assert.Equal(-1, file.AsSpan().IndexOf(System.Text.Encoding.ASCII.GetBytes(session)));
    }
}
