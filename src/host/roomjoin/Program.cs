using System.CommandLine;
using System.CommandLine.Invocation;
using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;
using RoomAgent.Cloud.Account;
using RoomAgent.Enrolment;
using RoomAgent.Hal.Media;
using RoomAgent.Identity;
using RoomAgent.Native.OpenSsl;

namespace RoomAgent.Join;

/// <summary>The table of contents: what may be said, and the way from there into the meeting.</summary>
internal static class Program
{
    private static readonly Argument<string?> s_what = new("link|meeting")
    {
        Description = "A guest's link (- reads it from standard input, where other users do not see it). With --as: the title or the id of a meeting, or room:ADDRESS for a personal room; without one the meeting that runs or is next.",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private static readonly Option<string> s_hub = new("--hub") { Description = "For a person: where the hub is, such as https://hub.example.org.", HelpName = "ADDRESS" };
    private static readonly Option<string> s_as = new("--as") { Description = "For a person: the mailbox with which you sign in at the hub. The password is asked for, or is the first line of standard input; never an argument.", HelpName = "MAILBOX" };
    private static readonly Option<bool> s_list = new("--list") { Description = "For a person: lists the meetings you are invited to, and joins none." };
    private static readonly Option<string> s_words = new("--hub-words") { Description = "The six words of the hub, which you have compared. Links of the hub have them behind the #.", HelpName = "WORDS" };
    private static readonly Option<bool> s_authorities = new("--trust-authorities") { Description = "Takes a certificate of a public authority for the hub's TLS key: for hubs behind a proxy that serves TLS." };
    private static readonly Option<string> s_name = new("--name") { Description = "A guest's name, which others see beside the beginning of a random one and as unverified: at most 30 letters, digits, blanks. A person has the mailbox.", HelpName = "NAME" };
    private static readonly Option<string> s_camera = new("--camera") { Description = "A device such as /dev/video0, a media file, test (a test picture) or none. Default: the first camera there is.", HelpName = "SOURCE" };
    private static readonly Option<string> s_microphone = new("--microphone") { Description = "A device of ALSA such as hw:1, a media file, tone or none. Default: the system's.", HelpName = "SOURCE" };
    private static readonly Option<string> s_speaker = new("--speaker") { Description = "A device of ALSA, or none. Default: the system's.", HelpName = "DEVICE" };
    private static readonly Option<int?> s_page = new("--page") { Description = "Shows pictures and who is there on a page of this machine, http://127.0.0.1:PORT/.", HelpName = "PORT" };
    private static readonly Option<bool> s_unmuted = new("--unmuted") { Description = "Opens microphone and camera as soon as you are in. Otherwise both stay closed until you say so." };
    private static readonly Option<int?> s_seconds = new("--seconds") { Description = "Leaves after so many seconds.", HelpName = "N" };
    private static readonly Option<bool> s_json = new("--json") { Description = "Tells what happens for programs: a line of JSON each." };
    private static readonly Option<bool> s_verbose = new("--verbose") { Description = "Writes the log to standard error." };

    private static Task<int> Main(string[] args)
    {
        var root = new RootCommand(
            "Takes part in a meeting of rooms without a room device: by a guest's link, or signed in at the hub. " +
            $"While it runs it takes orders from standard input, a line each: {Orders.Help}.")
        {
            s_what, s_hub, s_as, s_list, s_words, s_authorities, s_name, s_camera, s_microphone, s_speaker, s_page, s_unmuted, s_seconds, s_json, s_verbose,
        };
        root.Options.OfType<VersionOption>().Single().Action = new PrintVersion();
        root.SetAction(RunAsync);

        // An argument that starts with @ is an argument like any other.
        ParseResult parsed = root.Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null });
        if (parsed.Errors.Count == 0)
            return parsed.InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null });

        foreach (var error in parsed.Errors)
            Complain(error.Message);
        Complain("roomjoin --help lists what there is");
        return Task.FromResult(ExitStatus.Usage);
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancel)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        using PosixSignalRegistration interrupted = PosixSignalRegistration.Create(PosixSignal.SIGINT, Leave), ended = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Leave);
        var teller = new Teller(Console.Out, parsed.GetValue(s_json));
        try
        {
            return await JoinAsync(parsed, teller, stop.Token);
        }
        catch (JoinProblem problem)
        {
            if (teller.IsJson)
                teller.Tell("problem", problem.Message, new() { ["code"] = problem.Code });
            Complain(problem.Message);
            return problem.Code;
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return ExitStatus.Good;
        }
        catch (DllNotFoundException missing)
        {
            Complain($"A library is missing: {missing.Message}");
            return ExitStatus.Failure;
        }

        void Leave(PosixSignalContext signal)
        {
            signal.Cancel = true;
            stop.Cancel();
        }
    }

    private static async Task<int> JoinAsync(ParseResult parsed, Teller teller, CancellationToken stop)
    {
        // 1. The libraries for cryptography, pictures and sound, and a log for whoever looks for mistakes.
        using ILoggerFactory logs = LogTo(parsed.GetValue(s_verbose));
        _ = OpenSslLibrary.Version;
        ILogger media = logs.CreateLogger("RoomAgent.Media.Library");
        MediaLibrary.Open((level, line) => media.MediaLine(level == MediaLogLevel.Error ? LogLevel.Warning : LogLevel.Debug, line));

        // 2. What is wanted.
        var lines = new Lines(Console.In, isTerminal: !Console.IsInputRedirected);
        JoinWish wish = await ReadAsync(parsed, lines, stop);

        // 3. To the door. Keys and tokens are in memory alone.
        TimeProvider clock = TimeProvider.System;
        using var vault = new MemoryVault();
        using IDeviceKey key = new VaultKeys(vault).Create(1);
        var arrival = new Arrival(wish, vault, teller, lines, clock, logs);
        if (await arrival.GoAsync(key, OpenSslCrypto.Instance, OpenSslRandom.Instance, stop) is not { } visit)
            return ExitStatus.Good;

        // 4. In the meeting, until it is over.
        try
        {
            return await new Stay(wish, visit, vault, teller, lines, clock, logs).RunAsync(stop);
        }
        finally
        {
            await Arrival.EndAsync(visit);
        }
    }

    private static async Task<JoinWish> ReadAsync(ParseResult parsed, Lines lines, CancellationToken cancel)
    {
        string? words = parsed.GetValue(s_words) is { } text ? JoinLink.ReadWords(text) ?? throw Usage("--hub-words are six words of five letters, with hyphens between them.") : null;
        if (parsed.GetValue(s_page) is < 1 or > 65_535)
            throw Usage("--page is a port, 1 to 65535.");
        if (parsed.GetValue(s_seconds) is < 1 or > 7 * 24 * 3600)
            throw Usage("--seconds is 1 to 604800.");

        string? what = parsed.GetValue(s_what);
        string? hub = parsed.GetValue(s_hub), mailbox = parsed.GetValue(s_as);
        JoinWish wish;
        if (mailbox is null && hub is null)
        {
            if (what is null)
                throw Usage("Give a guest's link, or --hub and --as. roomjoin --help lists what there is.");
            if (parsed.GetValue(s_list))
                throw Usage("--list is for people who sign in with --hub and --as.");

            string given = what == "-" ? await lines.ReadPasswordAsync("Link: ", cancel) : what;
            JoinLink link = JoinLink.Read(given) ?? throw Usage("That is no guest's link. One looks like https://hub.example.org/join/SECRET#six-words and is made on the hub's page of the meeting.");
            if (words is not null && link.Words is not null && words != link.Words)
                throw Usage("The link names a hub of other words than --hub-words.");
            wish = new JoinWish { Hub = link.Address, Secret = link.Secret, HubWords = words ?? link.Words, Name = "Guest" };
        }
        else
        {
            if (mailbox is null || hub is null)
                throw Usage("To sign in give both --hub and --as.");
            wish = new JoinWish
            {
                Hub = HubAddress.Read(hub) ?? throw Usage("--hub is an address such as https://hub.example.org, without anything behind it."),
                Mailbox = mailbox,
                HubWords = words,
                Meeting = what,
                Lists = parsed.GetValue(s_list),
            };
        }

        return wish with
        {
            TrustsAuthorities = parsed.GetValue(s_authorities),
            Name = parsed.GetValue(s_name) is { } name ? GuestLabel.Clean(name) ?? throw Usage($"--name has at most {GuestLabel.Longest} letters, digits, blanks, hyphens and apostrophes.") : wish.Name,
            Camera = wish.Lists ? null : Sources.CameraOf(parsed.GetValue(s_camera)),
            Microphone = wish.Lists ? null : Sources.MicrophoneOf(parsed.GetValue(s_microphone)),
            Speaker = Sources.SpeakerOf(parsed.GetValue(s_speaker)),
            Page = parsed.GetValue(s_page),
            Unmuted = parsed.GetValue(s_unmuted),
            Stays = parsed.GetValue(s_seconds) is { } seconds ? TimeSpan.FromSeconds(seconds) : null,
        };
    }

    private static ILoggerFactory LogTo(bool isVerbose) => LoggerFactory.Create(log => log
        .SetMinimumLevel(isVerbose ? LogLevel.Debug : LogLevel.None)
        .AddSimpleConsole(line => (line.SingleLine, line.TimestampFormat) = (true, "HH:mm:ss.fff "))
        .AddConsole(console => console.LogToStandardErrorThreshold = LogLevel.Trace));

    private static JoinProblem Usage(string sentence) => new(ExitStatus.Usage, sentence);

    private static void Complain(string text) => Console.Error.WriteLine($"roomjoin: {text}");

    private sealed class PrintVersion : SynchronousCommandLineAction
    {
        public override int Invoke(ParseResult parseResult)
        {
            Console.WriteLine($"roomjoin {typeof(Program).Assembly.GetName().Version}");
            return ExitStatus.Good;
        }
    }
}
