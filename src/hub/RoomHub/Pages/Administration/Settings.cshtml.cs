using Microsoft.AspNetCore.Mvc;
using RoomAgent.Hub.Devices;
using RoomAgent.Hub.People;

namespace RoomAgent.Hub.Pages;

/// <summary>What an organisation decides: its name, and how long tokens live (E11, E13, E15, E26).</summary>
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

    public string Typed(string field) => Request.Form[$"{field}-{Class}"].ToString();

    public async Task OnGetAsync()
    {
        foreach ((string clientClass, _) in Classes)
            Policies[clientClass] = await accounts.Store.PolicyAsync(Me.Organisation, clientClass, Cancel);
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

    private int Number(string field, int least, int most, string unit)
    {
        if (int.TryParse(Typed(field), out int number) && number >= least && number <= most)
            return number;

        Refuse($"{field}-{Class}", $"Write a number of {unit} from {least} to {most}.");
        return 0;
    }
}
