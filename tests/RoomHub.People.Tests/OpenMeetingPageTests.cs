using System.Net;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using RoomAgent.Hub.Identity;
using RoomAgent.Hub.Meetings;
using RoomAgent.Hub.People;
using RoomAgent.Hub.Testing;
using RoomAgent.Meetings;
using RoomAgent.Wire;

namespace RoomAgent.Hub.Tests;

/// <summary>What the page of an open meeting offers, and what it does not (MEETING section 4), with desks that only say how they stand.</summary>
public sealed class OpenMeetingPageTests : IAsyncLifetime
{
    private readonly VirtualClock _clock = new();
    private readonly Desks _desks = new();
    private RunningHub _hub = null!;
    private Visitor _alice = null!;
    private OrganisationId _school;

    public async ValueTask InitializeAsync()
    {
        _hub = await RunningHub.StartAsync(_clock, services: services => services.AddSingleton<IMeetingDesks>(_desks));
        _alice = await Visitor.FirstAsync(_hub);
        _school = (await _hub.Get<PeopleDesk>().Store.OrganisationsAsync())[0].Id;
    }

    public async ValueTask DisposeAsync()
    {
        _alice.Dispose();
        await _hub.DisposeAsync();
    }

    [Fact]
    public async Task WhoWaitsIsLetInAndWhoIsInIsRemovedByName()
    {
        string page = Open(_school, isStrict: false, isLocked: false);

        Page shown = await _alice.GetAsync(page);
        foreach (string wanted in (string[])["room1.example.org", "bob@school.example", "Guest a1b2", "not verified", "shown to everyone as done by the service"])
            Assert.Contains(wanted, shown.Html, StringComparison.Ordinal);
        Assert.Equal($"{page}?done=let-in", (await _alice.PostAsync($"{page}?handler=Admit", ("Who", TextOf("mail:bob@school.example")))).Location);
        Assert.Equal($"{page}?done=put-out", (await _alice.PostAsync($"{page}?handler=Remove", ("Who", TextOf("dns:room1.example.org")))).Location);

        Assert.Equal(["admit mail:bob@school.example", "remove dns:room1.example.org"], _desks.Deeds);
        Page audit = await _alice.GetAsync("/audit");
        Assert.Contains("admitted by service", audit.Html, StringComparison.Ordinal);
        Assert.Contains("removed by service", audit.Html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task WhoDoesNotWaitIsNotLetIn()
    {
        string page = Open(_school, isStrict: false, isLocked: false);
        await _alice.GetAsync(page);

        Assert.Equal($"{page}?done=not-possible", (await _alice.PostAsync($"{page}?handler=Admit", ("Who", TextOf("mail:eve@school.example")))).Location);
        foreach (string? none in (string?[])[null, "", "====", new string('A', 3_000)])
            Assert.Equal(HttpStatusCode.NotFound, (await _alice.PostAsync($"{page}?handler=Admit", ("Who", none))).Status);
        Assert.Empty(_desks.Deeds);
    }

    [Theory]
    [InlineData(true, false, false)]
    [InlineData(false, true, true)]
    public async Task InAStrictOrLockedMeetingOnlyTheDeviceOfAHostLetsIn(bool isStrict, bool isLocked, bool mayRemove)
    {
        string page = Open(_school, isStrict, isLocked);

        Page shown = await _alice.GetAsync(page);

        Assert.Contains("only the own device of a host can let people in", shown.Html, StringComparison.Ordinal);
        Assert.DoesNotContain("handler=Admit", shown.Html, StringComparison.Ordinal);
        Assert.Equal(mayRemove, shown.Html.Contains("handler=Remove", StringComparison.Ordinal));

        // Who sends the form all the same is told that it was not possible, and nothing is noted.
        Assert.Equal($"{page}?done=not-possible", (await _alice.PostAsync($"{page}?handler=Admit", ("Who", TextOf("mail:bob@school.example")))).Location);
        Assert.DoesNotContain("admitted by service", (await _alice.GetAsync("/audit")).Html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ThePageIsReadAnewUnlessItIsToStandStill()
    {
        string page = Open(_school, isStrict: false, isLocked: false);

        Assert.Equal($"10; url={page}", (await _alice.GetAsync($"{page}?done=let-in")).Header("Refresh"));
        Assert.Null((await _alice.GetAsync($"{page}?still=true")).Header("Refresh"));
        Assert.Null((await _alice.GetAsync("/open")).Header("Refresh"));
        Assert.Null((await _alice.GetAsync("/meetings/new")).Header("Refresh"));
        Assert.Equal($"{page}?done=let-in&still=true", (await _alice.PostAsync($"{page}?handler=Admit&still=true", ("Who", TextOf("mail:bob@school.example")))).Location);
    }

    [Fact]
    public async Task AMeetingOfAnotherOrganisationIsNotThere()
    {
        string page = Open(OrganisationId.New(), isStrict: false, isLocked: false);
        await _alice.GetAsync("/open");

        Assert.Contains("No meeting is open", (await _alice.GetAsync("/open")).Html, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NotFound, (await _alice.GetAsync(page)).Status);
        await _alice.GetAsync("/account");
        Assert.Equal(HttpStatusCode.NotFound, (await _alice.PostAsync($"{page}?handler=Admit", ("Who", TextOf("mail:bob@school.example")))).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await _alice.PostAsync($"{page}?handler=Remove", ("Who", TextOf("dns:room1.example.org")))).Status);
        foreach (string none in (string[])["/open/!/AAAA", "/open/AAAA/A", $"/open/{new string('A', 3_000)}/AAAA"])
            Assert.Equal(HttpStatusCode.NotFound, (await _alice.GetAsync(none)).Status);
        Assert.Empty(_desks.Deeds);
    }

    private string Open(OrganisationId organisation, bool isStrict, bool isLocked)
    {
        var instance = new MeetingInstance(Bytes("meeting"), Bytes("instance"));
        _desks.Open = new OpenOccurrence(instance, organisation, MeetingClass.Encrypted, isStrict, isLocked, 0, 3, [Bytes("dns:room1.example.org"), Bytes("uri:urn:roomagent:guest:0000-a1b2")], [Bytes("mail:bob@school.example")]);
        return Pages.OpenMeetingModel.WayTo(instance);
    }

    private static ByteString Bytes(string text) => ByteString.Owning(Encoding.ASCII.GetBytes(text));

    private static string TextOf(string identity) => Pages.OpenMeetingModel.TextOf(Bytes(identity));

    /// <summary>Has one meeting open, and does what its rules allow.</summary>
    private sealed class Desks : IMeetingDesks
    {
        public OpenOccurrence? Open { get; set; }

        public List<string> Deeds { get; } = [];

        public Task<IReadOnlyList<OpenOccurrence>> ListAsync(OrganisationId organisation, CancellationToken cancel) =>
            Task.FromResult<IReadOnlyList<OpenOccurrence>>(Open is { } open && open.Organisation == organisation ? [open] : []);

        public Task<bool> AdmitAsync(OrganisationId organisation, MeetingInstance instance, ByteString identity, CancellationToken cancel) =>
            Do("admit", organisation, instance, identity, Open is { IsStrict: false, IsLocked: false });

        public Task<bool> RemoveAsync(OrganisationId organisation, MeetingInstance instance, ByteString identity, CancellationToken cancel) =>
            Do("remove", organisation, instance, identity, Open is { IsStrict: false });

        private Task<bool> Do(string deed, OrganisationId organisation, MeetingInstance instance, ByteString identity, bool mayBe)
        {
            bool isDone = mayBe && Open!.Organisation == organisation && Open.Instance == instance;
            if (isDone)
                Deeds.Add($"{deed} {Encoding.ASCII.GetString(identity.Span)}");
            return Task.FromResult(isDone);
        }
    }
}
