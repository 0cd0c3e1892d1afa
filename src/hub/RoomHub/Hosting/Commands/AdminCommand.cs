using System.CommandLine;
using RoomAgent.Hub.Identity;
using RoomAgent.Hub.People;

namespace RoomAgent.Hub.Hosting.Commands;

/// <summary>What only whoever runs the hub may do about people. It works on the database, whether a hub runs or not.</summary>
internal static class AdminCommand
{
    /// <summary>The words <c>admin reset</c> and <c>admin add-organisation</c>.</summary>
    public static Command Create(VerbRunner run)
    {
        var organisation = new Option<string>("--organisation") { Description = "Which organisation, by its name. Needed when there is more than one.", HelpName = "NAME" };
        var reset = new Command("reset", "Print a link that makes an administrator, as after a lost password. It is good once, for a day, and is noted in the audit log.") { organisation };
        reset.SetAction(run((settings, parsed, cancel) => OnPeopleAsync(settings, people => ResetAsync(people, parsed.GetValue(organisation), cancel), cancel)));

        var name = new Argument<string>("NAME") { Description = "What it is called." };
        var add = new Command("add-organisation", "Add an organisation to those that share this hub, and print the link for its administrator.") { name };
        add.SetAction(run((settings, parsed, cancel) => OnPeopleAsync(settings, people => AddAsync(people, parsed.GetValue(name), cancel), cancel)));

        return new Command("admin", "Organisations and their administrators, for whoever runs the hub.") { reset, add };
    }

    private static async Task<int> ResetAsync(PeopleDesk people, string? name, CancellationToken cancel)
    {
        List<(OrganisationId Id, string Name)> organisations = await people.Store.OrganisationsAsync(cancel);
        List<(OrganisationId Id, string Name)> meant = name is null ? organisations : organisations.FindAll(organisation => organisation.Name == name);
        if (meant.Count != 1)
        {
            CommandLine.Complain(meant.Count == 0 ? "there is no organisation of that name; there are:" : "which organisation? Say --organisation with one of:");
            foreach ((_, string known) in organisations)
                CommandLine.Complain($"  {known}");
            return ExitCode.Usage;
        }

        // What the hub showed at its first start, or an earlier call, is void from now on.
        Print(await people.InviteFromConsoleAsync(meant[0].Id, PersonEvents.AdministratorReset, cancel), people);
        return ExitCode.Good;
    }

    private static async Task<int> AddAsync(PeopleDesk people, string? name, CancellationToken cancel)
    {
        if (Devices.Requests.Label(name) is not { Length: > 0 } label || (await people.Store.OrganisationsAsync(cancel)).Exists(organisation => organisation.Name == label))
        {
            CommandLine.Complain("the name has 1 to 100 letters, and no other organisation has it");
            return ExitCode.Usage;
        }

        OrganisationId added = await people.Store.AddOrganisationAsync(label, people.Clock.GetUtcNow(), cancel);
        Print(await people.InviteFromConsoleAsync(added, PersonEvents.Invited, cancel), people);
        return ExitCode.Good;
    }

    private static void Print(InvitationSecret secret, PeopleDesk people) =>
        Console.Out.WriteLine($"Whoever opens this link within a day becomes an administrator; it is shown this once:\n{secret.LinkAt(people.Address)}");

    private static async Task<int> OnPeopleAsync(HubSettings settings, Func<PeopleDesk, Task<int>> act, CancellationToken cancel)
    {
        await using OpenHub hub = await OpenHub.OpenAsync(settings, cancel);
        using PeopleDesk people = await PeopleDesk.OpenAsync(hub.Database, settings.Address, hub.Data.OpenSecret(), TimeProvider.System, settings.SessionIdle, settings.SessionLife, cancel);
        return await act(people);
    }
}
