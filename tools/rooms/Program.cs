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
        var pictures = new Option<string>("--pictures") { Description = "The largest pictures of the cameras, such as 1280x720@30.", HelpName = "SIZE@RATE", DefaultValueFactory = _ => "640x360@15" };
        rooms.Validators.Add(result => Check(result, result.GetValue(rooms) is >= 2 and <= 20, "--rooms is 2 to 20"));
        minutes.Validators.Add(result => Check(result, result.GetValue(minutes) is null or >= 1 and <= 1_440, "--minutes is 1 to 1440"));
        loss.Validators.Add(result => Check(result, result.GetValue(loss) is >= 0 and <= 50, "--loss is 0 to 50"));
        var command = new RootCommand("Starts a hub and rooms on this machine, pairs the rooms, and has them meet end-to-end encrypted.") { once, rooms, minutes, loss, pictures, camera, microphone };
        command.SetAction((parsed, _) => RunAsync((folder, story, cancel) => DemonstrateAsync(folder, story, new DemoSettings
        {
            IsOnce = parsed.GetValue(once),
            Rooms = parsed.GetValue(rooms),
            Lasts = parsed.GetValue(minutes) is { } many ? TimeSpan.FromMinutes(many) : null,
            Loss = parsed.GetValue(loss),
            Pictures = parsed.GetValue(pictures)!,
            Camera = parsed.GetValue(camera),
            Microphone = parsed.GetValue(microphone),
        }, cancel)));

        var repetitions = new Option<int>("--repetitions") { Description = "How often each thing is measured: 1 to 1000.", HelpName = "N", DefaultValueFactory = _ => 30 };
        repetitions.Validators.Add(result => Check(result, result.GetValue(repetitions) is >= 1 and <= 1_000, "--repetitions is 1 to 1000"));
        var measure = new Command("measure", "Measures joins, ejects, kills, blocked networks and memory of whole rooms; the exit code is 0 only if all is as it must be.") { repetitions };
        measure.SetAction((parsed, _) => RunAsync((folder, story, cancel) => new Trials(parsed.GetValue(repetitions), folder, story, cancel).RunAsync()));

        var length = new Option<int>("--minutes") { Description = "How long the meeting lasts: 1 to 1440.", HelpName = "M", DefaultValueFactory = _ => 30 };
        length.Validators.Add(result => Check(result, result.GetValue(length) is >= 1 and <= 1_440, "--minutes is 1 to 1440"));
        var soak = new Command("soak", "A meeting of four rooms that come, go and are killed while 2 % of the packets are lost; the exit code is 0 only if it was one meeting all the time.") { length };
        soak.SetAction((parsed, _) => RunAsync((folder, story, cancel) => SoakAsync(folder, story, TimeSpan.FromMinutes(parsed.GetValue(length)), cancel)));
        command.Subcommands.Add(measure);
        command.Subcommands.Add(soak);

        ParseResult parsed = command.Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null });
        if (parsed.Errors.Count == 0)
            return parsed.InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null }).GetAwaiter().GetResult();

        foreach (var error in parsed.Errors)
            Console.Error.WriteLine($"rooms: {error.Message}");
        return Usage;
    }

    private static async Task<bool> DemonstrateAsync(string folder, Story story, DemoSettings settings, CancellationToken cancel)
    {
        await using Campus campus = await Campus.OpenAsync(settings, folder, story, cancel);
        return await new Demo(settings, campus, folder, cancel).RunAsync();
    }

    private static async Task<bool> SoakAsync(string folder, Story story, TimeSpan lasts, CancellationToken cancel)
    {
        await using Campus campus = await Campus.OpenAsync(new DemoSettings { Rooms = 4, Loss = 2, Lasts = lasts, Pictures = "320x180@15" }, folder, story, cancel);
        await campus.MeetAsync();
        return await new Soak(campus, lasts, cancel).RunAsync();
    }

    private static async Task<int> RunAsync(Func<string, Story, CancellationToken, Task<bool>> what)
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
            isGood = await what(folder, new Story(), stop.Token);
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
