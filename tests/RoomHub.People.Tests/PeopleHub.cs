using RoomAgent.Hub.Testing;

namespace RoomAgent.Hub.Tests;

/// <summary>One hub with an administrator, a person and another organisation, for the tests of a class. In virtual time, in which each sign-in is an hour later than the one before, so that nobody is locked out.</summary>
public sealed class PeopleHub : IAsyncLifetime
{
    private readonly VirtualClock _clock = new();
    private int _people;

    public RunningHub Hub { get; private set; } = null!;

    public VirtualClock Clock => _clock;

    public async ValueTask InitializeAsync()
    {
        Hub = await RunningHub.StartAsync(_clock);
        using Visitor alice = await Visitor.FirstAsync(Hub);
    }

    public ValueTask DisposeAsync() => Hub.DisposeAsync();

    /// <summary>The administrator.</summary>
    public async Task<Visitor> SignInAsync()
    {
        _clock.Advance(TimeSpan.FromMinutes(20));
        var alice = new Visitor(Hub);
        await alice.SignInAsync(Visitor.Mailbox, Visitor.Password);
        return alice;
    }

    /// <summary>A new person of the same organisation.</summary>
    public async Task<Visitor> PersonAsync(string role = "person")
    {
        using Visitor alice = await SignInAsync();
        return await alice.InviteAsync($"person{++_people}@school.example", role);
    }

    /// <summary>The administrator of another organisation.</summary>
    public async Task<Visitor> StrangerAsync()
    {
        var people = Hub.Get<People.PeopleDesk>();
        string mailbox = $"stranger{++_people}@thieves.example";
        var organisation = await people.Store.AddOrganisationAsync($"Thieves {_people}", _clock.GetUtcNow());
        People.InvitationSecret secret = await people.InviteFromConsoleAsync(organisation, People.PersonEvents.Invited);
        var stranger = new Visitor(Hub);
        await stranger.AcceptAsync(new Uri(secret.LinkAt(Hub.Address)), mailbox, "Mallory", Visitor.Password, organisation: "Thieves");
        await stranger.SignInAsync(mailbox, Visitor.Password);
        return stranger;
    }
}
