using System.CommandLine;
using RoomAgent.Enrolment;
using RoomAgent.Hub.Identity;
using RoomAgent.Hub.Operations;

namespace RoomAgent.Hub.Hosting.Commands;

/// <summary><c>roomhub move</c>: the hub says, under its identity key, that it is at another address from now on.</summary>
internal static class MoveCommand
{
    public static Command Create(VerbRunner run)
    {
        var to = new Option<string>("--to") { Description = "https://name[:port] where the hub is from now on. Default: --address.", HelpName = "URL" };
        var command = new Command("move", "Signs that the hub is at another address; devices that still come to the old one follow. A hub that runs tells it once it is started anew.") { to };
        command.SetAction(run(async (settings, parsed, cancel) =>
        {
            HubAddress address = parsed.GetValue(to) is { } text ? HubAddress.Read(text) ?? throw new IOException("--to is https://name[:port] in lower case, without a path") : settings.Address;
            await using OpenHub hub = await OpenHub.OpenAsync(settings, cancel);
            HubMove move = await new HubMoves(hub.Database).MoveAsync(address, TimeProvider.System.GetUtcNow(), cancel);
            Console.WriteLine($"Move {move.Number}: the hub is at {move.Address} since {move.Since:yyyy-MM-dd HH:mm:ss}Z. A hub that runs tells it once it is started anew.");
            return ExitCode.Good;
        }));
        return command;
    }
}
