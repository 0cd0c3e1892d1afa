using System.CommandLine;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace RoomAgent.Rooms;

/// <summary>The words of the command line.</summary>
internal static class Program
{
    private const int Good = 0, Failed = 1, Usage = 64;

    private static int Main(string[] args)
    {
        var once = new Option<bool>("--once") { Description = "Ends by itself with a table; the exit code is 0 only if all rooms saw and heard each other and agreed on the security code." };
        var rooms = new Option<int>("--rooms") { Description = "How many rooms: 2 to 20.", HelpName = "N", DefaultValueFactory = _ => 2 };
        var minutes = new Option<int?>("--minutes") { Description = "Ends after so many minutes, with the same table.", HelpName = "M" };
        var loss = new Option<double>("--loss") { Description = "Loses so many percent of what goes between rooms and media node, each way: 0 to 50.", HelpName = "PERCENT" };
        var camera = new Option<string>("--camera") { Description = "A camera for the first room, such as /dev/video0; the others have a test picture.", HelpName = "DEV" };
        var microphone = new Option<string>("--microphone") { Description = "Microphones for the first room, such as hw:1; the others have a voice.", HelpName = "DEV" };
        rooms.Validators.Add(result => Check(result, result.GetValue(rooms) is >= 2 and <= 20, "--rooms is 2 to 20"));
        minutes.Validators.Add(result => Check(result, result.GetValue(minutes) is null or >= 1 and <= 1_440, "--minutes is 1 to 1440"));
        loss.Validators.Add(result => Check(result, result.GetValue(loss) is >= 0 and <= 50, "--loss is 0 to 50"));
        var command = new RootCommand("Starts a hub and rooms on this machine, pairs the rooms, and has them meet end-to-end encrypted.") { once, rooms, minutes, loss, camera, microphone };
        command.SetAction((parsed, _) => RunAsync(new DemoSettings
        {
            IsOnce = parsed.GetValue(once),
            Rooms = parsed.GetValue(rooms),
            Lasts = parsed.GetValue(minutes) is { } many ? TimeSpan.FromMinutes(many) : null,
            Loss = parsed.GetValue(loss),
            Camera = parsed.GetValue(camera),
            Microphone = parsed.GetValue(microphone),
        }));

        ParseResult parsed = command.Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null });
        if (parsed.Errors.Count == 0)
            return parsed.InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null }).GetAwaiter().GetResult();

        foreach (var error in parsed.Errors)
            Console.Error.WriteLine($"rooms: {error.Message}");
        return Usage;
    }

    private static async Task<int> RunAsync(DemoSettings settings)
    {
        // Children end before we do, whoever asks for the end.
        using var stop = new CancellationTokenSource();
        void Stop(PosixSignalContext signal)
        {
            signal.Cancel = true;
            stop.Cancel();
        }

        using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        using PosixSignalRegistration terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        string folder = Directory.CreateTempSubdirectory("rooms-").FullName;
        bool isGood = false;
        try
        {
            isGood = await new Demo(settings, folder, new Story(), stop.Token).RunAsync();
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            Console.Error.WriteLine("Ended before it was done.");
        }
        catch (Exception problem) when (problem is DemoProblem or HttpRequestException or SocketException or IOException)
        {
            Console.Error.WriteLine($"rooms: {problem.Message}");
        }

        if (isGood)
            Directory.Delete(folder, recursive: true);
        else
            Console.Error.WriteLine($"What they said is in {folder}");
        return isGood ? Good : Failed;
    }

    private static void Check(System.CommandLine.Parsing.OptionResult result, bool isGood, string problem)
    {
        if (!isGood)
            result.AddError(problem);
    }
}
