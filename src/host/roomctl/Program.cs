using System.CommandLine;
using System.CommandLine.Invocation;
using System.Globalization;
using System.Reflection;
using RoomAgent.XApi;

namespace RoomAgent.Control;

/// <summary>The verbs: what people at the device may say.</summary>
internal static class Program
{
    private static readonly Option<FileInfo> s_socket = new("--socket") { Description = "The daemon's socket. Default: the service's, or that of your own simulated room.", HelpName = "PATH", Recursive = true };

    private static Task<int> Main(string[] args)
    {
        var root = new RootCommand("The meeting room at which you are: how it stands, and what it is to do.")
        {
            s_socket,
            Status(), Pair(),
            Plain("unpair", "Gives the device's account back and forgets the hub.", CommandNames.Unpair),
            Join(),
            Plain("leave", "Leaves the meeting.", CommandNames.Leave),
            Plain("stop", "Does not join the meeting whose countdown runs.", CommandNames.StopCountdown),
            Plain("mute", "Closes the microphones.", CommandNames.Mute),
            Plain("unmute", "Opens the microphones.", CommandNames.Unmute),
            Camera(),
            Who("admit", "As host: lets somebody in who waits.", CommandNames.Admit, meeting => meeting.Waiting),
            Who("eject", "As host: puts somebody out.", CommandNames.Eject, meeting => meeting.Members.Where(member => !member.IsSelf)),
            Plain("lock", "As host: lets nobody new in.", CommandNames.Lock, ("Lock", "On")),
            Plain("unlock", "As host: lets people in again.", CommandNames.Lock, ("Lock", "Off")),
            Quiet(), Security(), Calendar(),
        };
        root.Options.OfType<VersionOption>().Single().Action = new PrintVersion();

        // An argument that starts with @ is an argument like any other.
        ParseResult parsed = root.Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null });
        if (parsed.Errors.Count == 0)
            return parsed.InvokeAsync();

        foreach (var error in parsed.Errors)
            Complain(error.Message);
        Complain("roomctl --help lists what there is");
        return Task.FromResult(ExitStatus.Usage);
    }

    private static Command Status()
    {
        var json = new Option<bool>("--json") { Description = "As JSON, for programs: one line for each state." };
        var watch = new Option<bool>("--watch") { Description = "Goes on with each change until Ctrl-C." };
        var command = new Command("status", "Says how the room stands.") { json, watch };
        Do(command, async (room, parsed, cancel) =>
        {
            long? seen = null;
            do
            {
                (RoomView view, byte[] text) = await room.ReadAsync(seen, cancel);
                if (view.Version == seen)
                    continue;

                seen = view.Version;
                if (parsed.GetValue(json))
                {
                    await using Stream output = Console.OpenStandardOutput();
                    await output.WriteAsync((byte[])[.. text, (byte)'\n'], cancel);
                }
                else
                {
                    Console.Write(RoomText.Describe(view));
                    if (parsed.GetValue(watch))
                        Console.WriteLine();
                }
            }
            while (parsed.GetValue(watch));
        });
        return command;
    }

    private static Command Pair()
    {
        var with = new Argument<string?>("setup-code|hub")
        {
            Description = "The line that roomhub setup-code prints, or the address of a hub. - reads it from standard input, where other users do not see it.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var confirm = new Option<string>("--confirm") { Description = "Says that these words are on the page of the hub too.", HelpName = "WORDS" };
        var command = new Command("pair", "Makes the device a member of an organisation. Without a word it shows a new code, or asks whether the hub is the right one.") { with, confirm };
        Do(command, async (room, parsed, cancel) =>
        {
            if (parsed.GetValue(confirm) is { } words)
            {
                await room.CallAsync(CommandNames.ConfirmHub, Arguments(("Words", words)), cancel);
            }
            else if (parsed.GetValue(with) is { } given)
            {
                string text = given == "-" ? (await Console.In.ReadLineAsync(cancel) ?? "").Trim() : given;
                await room.CallAsync(CommandNames.Pair, Arguments(("With", text)), cancel);
            }
            else if ((await room.ReadAsync(null, cancel)).View.Account.State == "Unpaired")
            {
                await room.CallAsync(CommandNames.PairAnew, Arguments(), cancel);
            }

            await FollowPairingAsync(room, cancel);
        });
        return command;
    }

    // Until there is something for people to do, or nothing more to do.
    private static async Task FollowPairingAsync(RoomClient room, CancellationToken cancel)
    {
        (RoomView view, _) = await room.ReadAsync(null, cancel);
        DateTime until = DateTime.UtcNow.AddSeconds(20);
        while (view.Account.State is "NoHub" or "Registering" or "Unpaired" or "Unreachable" && DateTime.UtcNow < until)
            (view, _) = await room.ReadAsync(view.Version, cancel);

        Console.Write(RoomText.DescribePairing(view));
        if (view.Account is not { State: "HubUnknown", Words: { } words } || Console.IsInputRedirected)
            return;

        Console.Write("Are these the words on the page of the hub? Type yes if they are: ");
        string answer = await Console.In.ReadLineAsync(cancel) ?? "";
        if (!answer.Trim().Equals("yes", StringComparison.OrdinalIgnoreCase))
            throw new RoomProblem(ExitStatus.Refused, "The hub was not confirmed. Nothing was sent to it.");

        await room.CallAsync(CommandNames.ConfirmHub, Arguments(("Words", words)), cancel);
        while (view.Account.State is "HubUnknown" && DateTime.UtcNow < until.AddSeconds(60))
            (view, _) = await room.ReadAsync(view.Version, cancel);
        Console.Write(RoomText.DescribePairing(view));
    }

    private static Command Join()
    {
        var address = new Argument<string?>("address") { Description = "The address of a personal room. Without one: the meeting of the calendar that runs or is next.", Arity = ArgumentArity.ZeroOrOne };
        var command = new Command("join", "Joins a meeting now.") { address };
        Do(command, (room, parsed, cancel) => parsed.GetValue(address) is { } number
            ? room.CallAsync(CommandNames.Dial, Arguments(("Number", number)), cancel)
            : room.CallAsync(CommandNames.Join, Arguments(), cancel));
        return command;
    }

    private static Command Camera()
    {
        var state = new Argument<string>("on|off") { Description = "Whether the room is seen." };
        state.AcceptOnlyFromAmong("on", "off");
        var command = new Command("camera", "Opens or closes the camera.") { state };
        Do(command, (room, parsed, cancel) => room.CallAsync(parsed.GetValue(state) == "on" ? CommandNames.CameraOn : CommandNames.CameraOff, Arguments(), cancel));
        return command;
    }

    private static Command Quiet()
    {
        var minutes = new Argument<int>("minutes") { Description = "For how long, at most 10080; 0 ends it." };
        var command = new Command("dnd", "Joins no meeting by itself for a while.") { minutes };
        Do(command, (room, parsed, cancel) => parsed.GetValue(minutes) is not 0 and var many
            ? room.CallAsync(CommandNames.Disturb, Arguments(("Timeout", many.ToString(CultureInfo.InvariantCulture))), cancel)
            : room.CallAsync(CommandNames.DisturbAgain, Arguments(), cancel));
        return command;
    }

    private static Command Security()
    {
        var hide = new Option<bool>("--hide") { Description = "Takes the security page off the display again." };
        var command = new Command("security", "Shows the security page on the display and holds the code for a minute, so that people can read it out; prints it, and who is in the meeting.") { hide };
        Do(command, async (room, parsed, cancel) =>
        {
            await room.CallAsync(CommandNames.Security, Arguments(("Shown", parsed.GetValue(hide) ? "Off" : "On")), cancel);
            if (!parsed.GetValue(hide))
                Console.Write(RoomText.DescribeSecurity((await room.ReadAsync(null, cancel)).View));
        });
        return command;
    }

    private static Command Calendar()
    {
        var command = new Command("calendar", "Lists what is in the room's calendar.");
        Do(command, async (room, _, cancel) => Console.Write(RoomText.DescribeCalendar((await room.ReadAsync(null, cancel)).View)));
        return command;
    }

    private static Command Who(string name, string description, string deed, Func<MeetingView, IEnumerable<WaitingView>> among)
    {
        var who = new Argument<string>("name") { Description = "The name as it is shown, or its start; or the participant's id." };
        var command = new Command(name, description) { who };
        Do(command, async (room, parsed, cancel) =>
        {
            string wanted = parsed.GetValue(who)!;
            if ((await room.ReadAsync(null, cancel)).View.Meeting is not { } meeting)
                throw new RoomProblem(ExitStatus.Refused, "The room is in no meeting.");

            await room.CallAsync(deed, Arguments(("ParticipantId", Find([.. among(meeting)], wanted).ParticipantId)), cancel);
        });
        return command;
    }

    private static WaitingView Find(IReadOnlyList<WaitingView> all, string wanted)
    {
        WaitingView[] found = [.. all.Where(one => one.ParticipantId == wanted || one.Name.Equals(wanted, StringComparison.OrdinalIgnoreCase))];
        if (found.Length == 0)
            found = [.. all.Where(one => one.Name.StartsWith(wanted, StringComparison.OrdinalIgnoreCase))];
        if (found.Length == 1)
            return found[0];

        string names = string.Concat((found.Length == 0 ? all : found).Select(one => $"\n  {ForeignText.Clean(one.Name)} ({one.ParticipantId[..Math.Min(8, one.ParticipantId.Length)]}...)"));
        throw new RoomProblem(ExitStatus.Refused, found.Length == 0 ? $"There is nobody of that name.{(all.Count == 0 ? "" : $" There are:{names}")}" : $"More than one have that name; use the id that status --json has:{names}");
    }

    private static Command Plain(string name, string description, string deed, params (string Name, string Value)[] arguments)
    {
        var command = new Command(name, description);
        Do(command, (room, _, cancel) => room.CallAsync(deed, Arguments(arguments), cancel));
        return command;
    }

    private static void Do(Command command, Func<RoomClient, ParseResult, CancellationToken, Task> deed) => command.SetAction(async (parsed, cancel) =>
    {
        using var room = new RoomClient(parsed.GetValue(s_socket)?.FullName ?? RoomClient.DefaultPath());
        try
        {
            await deed(room, parsed, cancel);
            return ExitStatus.Good;
        }
        catch (RoomProblem problem)
        {
            Complain(problem.Message);
            return problem.Code;
        }
        catch (OperationCanceledException)
        {
            return ExitStatus.Good;
        }
    });

    private static Dictionary<string, string> Arguments(params (string Name, string Value)[] arguments) => arguments.ToDictionary(one => one.Name, one => one.Value);

    private static void Complain(string text) => Console.Error.WriteLine($"roomctl: {text}");

    private sealed class PrintVersion : SynchronousCommandLineAction
    {
        public override int Invoke(ParseResult parseResult)
        {
            Console.WriteLine($"roomctl {Assembly.GetExecutingAssembly().GetName().Version}");
            return ExitStatus.Good;
        }
    }
}
