using Microsoft.AspNetCore.Mvc;
using RoomAgent.Hub.Devices;
using RoomAgent.Hub.People;

namespace RoomAgent.Hub.Pages;

/// <summary>What an organisation decides: its name, when devices take new versions, and how long tokens live (E11, E13, E15, E26, I16).</summary>
internal sealed class SettingsModel(PeopleDesk people, Accounts accounts) : HubPage(people)
{
    public static IReadOnlyList<(string Class, string Name)> Classes { get; } =
        [(TokenPolicy.Device, "Room devices"), (TokenPolicy.Person, "Programs of people"), (TokenPolicy.Integration, "Integrations")];

    public Dictionary<string, TokenPolicy> Policies { get; } = [];

    [BindProperty]
    public string? Name { get; set; }

    [BindProperty]
    public string? Class { get; set; }

    [BindProperty]
    public bool Extend { get; set; }

    public static IReadOnlyList<(UpdateCadence Cadence, string Words)> Cadences { get; } =
    [
        (UpdateCadence.Latest, "As soon as there is one and nobody meets in the room"),
        (UpdateCadence.Schedule, "On the days and in the time below, when nobody meets in the room"),
        (UpdateCadence.Hold, "Not at all, for as long as this stays so"),
    ];

    public UpdatePolicy Updates { get; private set; } = UpdatePolicy.Default;

    [BindProperty]
    public string? Cadence { get; set; }

    [BindProperty]
    public string[] Days { get; set; } = [];

    [BindProperty]
    public string? From { get; set; }

    [BindProperty]
    public string? Until { get; set; }

    public string Typed(string field) => Request.Form[$"{field}-{Class}"].ToString();

    public async Task OnGetAsync()
    {
        foreach ((string clientClass, _) in Classes)
            Policies[clientClass] = await accounts.Store.PolicyAsync(Me.Organisation, clientClass, Cancel);
        Updates = await accounts.Updates.FindAsync(Me.Organisation, Cancel);
    }

    public async Task<IActionResult> OnPostNameAsync()
    {
        Class = null;
        if (Requests.Label(Name) is { Length: > 0 } name)
        {
            await People.Store.RenameAsync(Me.Organisation, name, Actor, Now, Cancel);
            return Done("/settings", "saved");
        }

        Refuse(nameof(Name), "Write what your organisation is called, in at most 100 letters.");
        await OnGetAsync();
        return Page();
    }

    public async Task<IActionResult> OnPostPolicyAsync()
    {
        if (!TokenPolicy.Classes.Contains(Class))
            return BadRequest();

        int minutes = Number("Access", 5, 1440, "minutes");
        int days = Number("Refresh", 1, 365, "days");
        if (ModelState.IsValid)
        {
            var policy = new TokenPolicy(TimeSpan.FromMinutes(minutes), TimeSpan.FromDays(days), Extend);
            await accounts.Store.SetPolicyAsync(Me.Organisation, Class!, policy, Actor, Now, Cancel);
            return Done("/settings", "saved");
        }

        await OnGetAsync();
        return Page();
    }

    public async Task<IActionResult> OnPostUpdatesAsync()
    {
        Class = null;
        UpdatePolicy? policy = Cadences.Where(one => one.Cadence.ToString() == Cadence).Select(one => one.Cadence).ToArray() switch
        {
            [UpdateCadence.Schedule] => Schedule(),
            [var cadence] => new UpdatePolicy(cadence),
            _ => null,
        };
        if (policy is null && ModelState.IsValid)
            return BadRequest();
        if (policy is { IsReasonable: true })
        {
            await accounts.Updates.SetAsync(Me.Organisation, policy, Actor, Now, Cancel);
            return Done("/settings", "saved");
        }

        await OnGetAsync();
        return Page();
    }

    private UpdatePolicy? Schedule()
    {
        byte days = UpdatePolicy.ReadDays(Days) ?? 0;
        if (days == 0)
            Refuse(nameof(Days), "Choose at least one day.");
        TimeOnly? from = UpdateEndpoints.TimeOf(From ?? ""), until = UpdateEndpoints.TimeOf(Until ?? "");
        if (from is null)
            Refuse(nameof(From), "Write a time, such as 22:00.");
        if (until is null)
            Refuse(nameof(Until), "Write a time, such as 04:00.");
        if (from is not { } first || until is not { } last)
            return null;

        var policy = new UpdatePolicy(UpdateCadence.Schedule, days, first, last);
        if (days != 0 && !policy.IsReasonable)
            Refuse(nameof(Until), $"Leave at least {UpdatePolicy.ShortestWindow.TotalMinutes:0} minutes.");
        return policy;
    }

    private int Number(string field, int least, int most, string unit)
    {
        if (int.TryParse(Typed(field), out int number) && number >= least && number <= most)
            return number;

        Refuse($"{field}-{Class}", $"Write a number of {unit} from {least} to {most}.");
        return 0;
    }
}
