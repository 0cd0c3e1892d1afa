using System.CommandLine;
using RoomAgent.Hub.Identity;

namespace RoomAgent.Hub.Hosting.Commands;

/// <summary><c>roomhub identity</c>: what a device's display is compared with.</summary>
internal static class IdentityCommand
{
    public static Command Create(VerbRunner run)
    {
        var command = new Command("identity", "Prints who the hub is: six words, as devices show them, and the SHA-256 of its identity key. The hub may run.");
        command.SetAction(run(async (settings, _, cancel) =>
        {
            await using OpenHub hub = await OpenHub.OpenAsync(settings, cancel);
            HubIdentity identity = hub.Accounts.Identity;
            Console.WriteLine($"words    {identity.Fingerprint}");
            Console.WriteLine($"sha-256  {Convert.ToHexStringLower(identity.KeyHash)}");
            Console.WriteLine($"address  {hub.Accounts.Address}");
            return ExitCode.Good;
        }));
        return command;
    }
}
