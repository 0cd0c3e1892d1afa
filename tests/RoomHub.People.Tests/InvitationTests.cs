using System.Net;
using RoomAgent.Hub.People;
using RoomAgent.Hub.Store;
using RoomAgent.Hub.Testing;

namespace RoomAgent.Hub.Tests;

/// <summary>Invitations, new passwords, and the way back from the console.</summary>
public sealed class InvitationTests
{
    private readonly VirtualClock _clock = new();

    [Fact]
    public async Task TheFirstStartInvitesItsAdministratorAndNoLaterOneDoes()
    {
        RunningHub hub = await RunningHub.StartAsync(_clock);
        using (var somebody = new Visitor(hub))
        {
            // Looking does not use it up.
            Assert.Contains("Set up this hub", (await somebody.GetAsync(hub.FirstInvitation!.AbsolutePath)).Html, StringComparison.Ordinal);
            await somebody.AcceptAsync(hub.FirstInvitation!, Visitor.Mailbox, "Alice", Visitor.Password, "School");
            Assert.Equal(HttpStatusCode.NotFound, (await somebody.GetAsync(hub.FirstInvitation!.AbsolutePath)).Status);
            Assert.Equal(HttpStatusCode.NotFound, (await somebody.PostAsync(hub.FirstInvitation!.AbsolutePath, ("MailboxText", "eve@school.example"), ("Name", "Eve"), ("Password", Visitor.Password), ("Again", Visitor.Password))).Status);
        }

        await using RunningHub again = await hub.RestartAsync();
        Assert.Null(again.FirstInvitation);
    }

    // Whoever did not see the link, or lost it, starts again.
    [Fact]
    public async Task UntilSomebodyHasAcceptedEachStartInvitesAnewAndNoEarlierLinkIsGood()
    {
        RunningHub before = await RunningHub.StartAsync(_clock);
        Uri earlier = before.FirstInvitation!;

        await using RunningHub hub = await before.RestartAsync();

        using var somebody = new Visitor(hub);
        Assert.NotEqual(earlier, hub.FirstInvitation);
        Assert.Equal(HttpStatusCode.NotFound, (await somebody.GetAsync(earlier.AbsolutePath)).Status);
        await somebody.AcceptAsync(hub.FirstInvitation!, Visitor.Mailbox, "Alice", Visitor.Password, "School");
        Assert.Null(await hub.Get<PeopleDesk>().InviteFirstAsync());
    }

    [Fact]
    public async Task OfTwoWhoAcceptAtTheSameTimeOneIsIn()
    {
        await using RunningHub hub = await RunningHub.StartAsync(_clock);
        string path = hub.FirstInvitation!.AbsolutePath;
        Visitor[] both = [new(hub), new(hub)];
        foreach (Visitor visitor in both)
            await visitor.GetAsync(path);

        Page[] answers = await Task.WhenAll(both.Select((visitor, i) => visitor.PostAsync(path, ("Organisation", "School"), ("MailboxText", $"a{i}@school.example"), ("Name", "A"), ("Password", Visitor.Password), ("Again", Visitor.Password))));

        Assert.Equal([HttpStatusCode.Redirect, HttpStatusCode.NotFound], answers.Select(answer => answer.Status).Order());
        foreach (Visitor visitor in both)
            visitor.Dispose();
    }

    [Fact]
    public async Task AnInvitationExpiresIsTakenBackAndIsReplacedByTheNext()
    {
        await using RunningHub hub = await RunningHub.StartAsync(_clock);
        using Visitor alice = await Visitor.FirstAsync(hub);
        using var bob = new Visitor(hub);

        Uri replaced = await alice.InvitationAsync("bob@school.example");
        Uri open = await alice.InvitationAsync("bob@school.example");
        Assert.Equal(HttpStatusCode.NotFound, (await bob.GetAsync(replaced.AbsolutePath)).Status);
        Assert.Equal(HttpStatusCode.OK, (await bob.GetAsync(open.AbsolutePath)).Status);

        string list = (await alice.GetAsync("/people")).Html;
        string id = System.Text.RegularExpressions.Regex.Match(list, "id=([0-9a-f-]{36})").Groups[1].Value;
        Assert.Equal("/people?done=invitation-removed", (await alice.PostAsync($"/people?handler=Remove&id={id}")).Location);
        Assert.Equal(HttpStatusCode.NotFound, (await bob.GetAsync(open.AbsolutePath)).Status);

        Uri late = await alice.InvitationAsync("bob@school.example");
        _clock.Advance(TimeSpan.FromDays(7));
        Assert.Equal(HttpStatusCode.NotFound, (await bob.GetAsync(late.AbsolutePath)).Status);
    }

    [Fact]
    public async Task WhoIsInvitedDoesNotChooseMailboxRoleOrOrganisation()
    {
        await using RunningHub hub = await RunningHub.StartAsync(_clock);
        using Visitor alice = await Visitor.FirstAsync(hub);
        Uri link = await alice.InvitationAsync("bob@school.example");
        using var bob = new Visitor(hub);
        await bob.GetAsync(link.AbsolutePath);

        await bob.PostAsync(link.AbsolutePath, ("Organisation", "Bobs"), ("MailboxText", "head@school.example"), ("Role", "administrator"), ("Name", "Bob"), ("Password", Visitor.Password), ("Again", Visitor.Password));

        Assert.Null((await bob.SignInAsync("head@school.example", Visitor.Password)).Location);
        Assert.Equal("/", (await bob.SignInAsync("bob@school.example", Visitor.Password)).Location);
        Assert.Equal(HttpStatusCode.Forbidden, (await bob.GetAsync("/people")).Status);
        Assert.Contains(">School<", (await bob.GetAsync("/")).Html, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("eleven char", "At least|at least 12")]
    [InlineData("alice@school.example", "mostly a usual word")]
    [InlineData("ababababababab", "repeats itself")]
    [InlineData("12345678901234", "keyboard or the alphabet")]
    [InlineData("Password2026!!", "mostly a usual word")]
    public async Task APasswordThatIsGuessedFirstIsRefusedAndTheInvitationStays(string password, string says)
    {
        await using RunningHub hub = await RunningHub.StartAsync(_clock);
        using var alice = new Visitor(hub);
        string path = hub.FirstInvitation!.AbsolutePath;
        await alice.GetAsync(path);

        Page refused = await alice.PostAsync(path, ("Organisation", "School"), ("MailboxText", Visitor.Mailbox), ("Name", "Alice"), ("Password", password), ("Again", password));

        Assert.Contains(says.Split('|'), text => refused.Html.Contains(text, StringComparison.Ordinal));
        Assert.DoesNotContain("type=\"password\" value", refused.Html, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, (await alice.GetAsync(path)).Status);
    }

    [Fact]
    public async Task ALinkForANewPasswordEndsSessionsWhenItIsUsed()
    {
        await using RunningHub hub = await RunningHub.StartAsync(_clock);
        using Visitor alice = await Visitor.FirstAsync(hub);
        using Visitor bob = await alice.InviteAsync("bob@school.example");
        string id = await PeopleTests.IdOfAsync(alice, "bob@school.example");

        Page made = await alice.PostAsync($"/people/{id}?handler=NewPassword");
        var link = new Uri(System.Text.RegularExpressions.Regex.Match(made.Html, "https://[^\"]+/invitation/[^\"]+").Value);
        Assert.True(await bob.IsSignedInAsync());
        using var elsewhere = new Visitor(hub);
        await elsewhere.AcceptAsync(link, null, "", "seven small green violins");

        Assert.False(await bob.IsSignedInAsync());
        Assert.Null((await bob.SignInAsync("bob@school.example", "another horse without a battery")).Location);
        Assert.Equal("/", (await bob.SignInAsync("bob@school.example", "seven small green violins")).Location);
        Assert.Equal(HttpStatusCode.NotFound, (await elsewhere.GetAsync(link.AbsolutePath)).Status);
    }

    // By name: a link kept for the day on which the role is lost.
    [Fact]
    public async Task ALinkForANewPasswordGivesNoRoleBack()
    {
        await using RunningHub hub = await RunningHub.StartAsync(_clock);
        using Visitor alice = await Visitor.FirstAsync(hub);
        using Visitor bob = await alice.InviteAsync("bob@school.example", role: "administrator");
        (InvitationStore invitations, PeopleStore people, DateTimeOffset now) = (hub.Get<PeopleDesk>().Invitations, hub.Get<PeopleDesk>().Store, _clock.GetUtcNow());
        Person there = (await people.FindByMailboxAsync("bob@school.example"))!.Value.Person;

        // 1. The link is void when the role goes.
        await invitations.AddResetAsync([1], there.Organisation, there.Id, "alice", now);
        Assert.Equal(Change.Made, await people.SetRoleAsync(there.Organisation, there.Id, Roles.Person, "alice", now));
        Assert.Equal(AcceptOutcome.Gone, (await invitations.AcceptAsync([1], "", "", null, "hash", now)).Outcome);

        // 2. Even one that was left over, as of a hub of before, gives a password and nothing else.
        await invitations.AddResetAsync([2], there.Organisation, there.Id, "alice", now);
        await hub.Get<Database>().WriteAsync(async transaction =>
        {
            await transaction.ExecuteAsync($"UPDATE invitation SET role = {Roles.Administrator} WHERE person = {there.Id.ToBytes()}");
            await transaction.ExecuteAsync($"UPDATE person SET disabled_at = {now} WHERE person = {there.Id.ToBytes()}");
        });
        Assert.Equal(AcceptOutcome.Accepted, (await invitations.AcceptAsync([2], "", "", null, "hash", now)).Outcome);
        (Person after, string password) = (await people.FindByMailboxAsync("bob@school.example"))!.Value;
        Assert.Equal((Roles.Person, now, "hash"), (after.Role, after.DisabledAt, password));
    }

    // By name: a password that is changed because somebody else knows it.
    [Fact]
    public async Task ASignInUnderWayAndAnOpenLinkDoNotOutliveTheChangeOfThePassword()
    {
        await using RunningHub hub = await RunningHub.StartAsync(_clock);
        using Visitor alice = await Visitor.FirstAsync(hub);
        (PeopleDesk people, DateTimeOffset now) = (hub.Get<PeopleDesk>(), _clock.GetUtcNow());
        SigningIn underWay = (await people.SignIn.TryAsync(Visitor.Mailbox, Visitor.Password, "somewhere")).Who!;
        await people.Invitations.AddResetAsync([1], underWay.Person.Organisation, underWay.Person.Id, "alice", now);

        await alice.GetAsync("/account");
        Page changed = await alice.PostAsync("/account?handler=Password", ("Present", Visitor.Password), ("Next", "seven small green violins"), ("Again", "seven small green violins"));

        Assert.Equal("/account?done=password-changed", changed.Location);
        Assert.True(await alice.IsSignedInAsync());
        Assert.False(await people.Sessions.TryAddAsync([1], Guid.NewGuid(), underWay.Person, underWay.Password, now));
        Assert.Null(await people.Invitations.FindAsync([1], now));
        SigningIn after = (await people.SignIn.TryAsync(Visitor.Mailbox, "seven small green violins", "somewhere")).Who!;
        Assert.True(await people.Sessions.TryAddAsync([1], Guid.NewGuid(), after.Person, after.Password, now));
    }

    [Fact]
    public async Task WhoeverHasTheConsoleGetsBackInWhileTheHubRunsAndItIsNoted()
    {
        await using RunningHub hub = await RunningHub.StartAsync(_clock);
        using Visitor alice = await Visitor.FirstAsync(hub);

        (int code, string output) = await RunAsync("admin", "reset", "--data", hub.Settings.Data, "--address", hub.Address.Url);
        Assert.Equal(0, code);
        var link = new Uri(output.Split('\n').Single(line => line.StartsWith("https://", StringComparison.Ordinal)));
        // The program's clock is the machine's.
        Assert.True(await alice.IsSignedInAsync());
        using var again = new Visitor(hub);
        await again.AcceptAsync(link, Visitor.Mailbox, "Alice", "seven small green violins");

        Assert.False(await alice.IsSignedInAsync());
        Assert.Equal("/", (await again.SignInAsync(Visitor.Mailbox, "seven small green violins")).Location);
        string audit = (await again.GetAsync("/audit")).Html;
        Assert.Contains("administrator reset", audit, StringComparison.Ordinal);
        Assert.Contains("the console", audit, StringComparison.Ordinal);

        (int second, string other) = await RunAsync("admin", "add-organisation", "Other school", "--data", hub.Settings.Data, "--address", hub.Address.Url);
        Assert.Equal(0, second);
        Assert.Contains("/invitation/", other, StringComparison.Ordinal);
        Assert.Equal(64, (await RunAsync("admin", "reset", "--data", hub.Settings.Data, "--address", hub.Address.Url)).Code);
    }

    private static async Task<(int Code, string Output)> RunAsync(params string[] words)
    {
        var start = new System.Diagnostics.ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "RoomHub.dll"), .. words]) { RedirectStandardOutput = true };
        using var process = System.Diagnostics.Process.Start(start)!;
        string output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, output);
    }
}
