using System.CommandLine;
using RoomAgent.Enrolment;
using RoomAgent.Hub.Identity;
using RoomAgent.Hub.Operations;
using RoomAgent.Native.OpenSsl;

namespace RoomAgent.Hub.Hosting.Commands;

/// <summary><c>roomhub setup-code</c>: all that a new device needs, as one string and as a QR code.</summary>
internal static class SetupCodeCommand
{
    private const int LongestName = 100;

    public static Command Create(VerbRunner run)
    {
        var organisation = new Option<string>("--organisation") { Description = "Whose the device will be. May be left out when there is one.", HelpName = "NAME" };
        var name = new Option<string>("--name") { Description = "What the device will be called, such as \"Room 1\".", HelpName = "NAME", Required = true };
        var days = new Option<int>("--days") { Description = "How long the code can be used: 1 to 30 days.", HelpName = "N", DefaultValueFactory = _ => 7 };
        days.Validators.Add(given =>
        {
            if (given.GetValueOrDefault<int>() is < 1 or > 30)
                given.AddError("--days is 1 to 30");
        });
        name.Validators.Add(given =>
        {
            if (given.GetValueOrDefault<string>() is not { Length: > 0 and <= LongestName } text || text.Any(char.IsControl))
                given.AddError($"--name is 1 to {LongestName} characters");
        });
        var command = new Command("setup-code", "Prints the setup code of one new device: the hub's address and key, and an activation code. Whoever has it can be that device once, so it is as secret as a key. The hub may run.") { organisation, name, days };
        command.SetAction(run((settings, parsed, cancel) => MakeAsync(settings, parsed.GetValue(organisation), parsed.GetRequiredValue(name), TimeSpan.FromDays(parsed.GetValue(days)), cancel)));
        return command;
    }

    private static async Task<int> MakeAsync(HubSettings settings, string? organisationName, string name, TimeSpan life, CancellationToken cancel)
    {
        await using OpenHub hub = await OpenHub.OpenAsync(settings, cancel);
        (OrganisationId organisation, string called) = await FindAsync(new OrganisationNames(hub.Database), organisationName, cancel);
        SetupCode code = await hub.Accounts.MakeSetupCodeAsync(organisation, called, name, actor: "console", life, cancel)
            ?? throw new IOException("Too many codes are open: take some back, or wait until they expire");

        string text = code.Reveal(OpenSslCrypto.Instance);
        Console.WriteLine(text);
        if (Console.IsOutputRedirected)
            return ExitCode.Good;

        if (QrCode.TryDraw(text, out string? picture))
            Console.WriteLine($"\n{picture}");
        else
            Console.Error.WriteLine("roomhub: for a QR code install libqrencode4");
        return ExitCode.Good;
    }

    private static async Task<(OrganisationId Id, string Name)> FindAsync(OrganisationNames names, string? wanted, CancellationToken cancel)
    {
        IReadOnlyList<(OrganisationId Id, string Name)> all = await names.AllAsync(cancel);
        (OrganisationId, string)[] found = [.. all.Where(organisation => wanted is null || organisation.Name == wanted)];
        return found switch
        {
            [var one] => one,
            [] when all.Count == 0 => throw new IOException("The hub has no organisation yet"),
            [] => throw new IOException($"There is no such organisation; there are: {string.Join(", ", all.Select(organisation => organisation.Name))}"),
            _ when wanted is null => throw new IOException($"There are several organisations, so say --organisation: {string.Join(", ", all.Select(organisation => organisation.Name))}"),
            _ => throw new IOException("Several organisations have that name; make the code on the hub's pages"),
        };
    }
}
