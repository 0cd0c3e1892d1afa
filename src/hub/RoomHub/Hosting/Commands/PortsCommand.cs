using System.CommandLine;
using RoomAgent.Hub.Operations;

namespace RoomAgent.Hub.Hosting.Commands;

/// <summary><c>roomhub ports</c>: what to tell those who run the network.</summary>
internal static class PortsCommand
{
    public static Command Create(VerbRunner run)
    {
        var command = new Command("ports", "Prints each host and port that the network has to let through. The same is at /hub/network.");
        command.SetAction(run((settings, _, _) =>
        {
            IReadOnlyList<NetworkNeed> needs = NetworkNeed.Of(settings);
            string[][] rows = [["FROM", "TO", "PORT", "NEEDED", "FOR"], .. needs.Select(need => new[] { need.From, need.To, $"{need.Port}/{need.Protocol}", need.IsRequired ? "yes" : "better", need.Purpose })];
            int[] widths = [.. Enumerable.Range(0, 4).Select(column => rows.Max(row => row[column].Length))];
            foreach (string[] row in rows)
                Console.WriteLine(string.Join("  ", row.Select((text, column) => column < 4 ? text.PadRight(widths[column]) : text)));
            return Task.FromResult(ExitCode.Good);
        }));
        return command;
    }
}
