using System.CommandLine;
using System.CommandLine.Invocation;
using System.Reflection;
using System.Security.Cryptography;
using RoomAgent.Hub.Hosting.Commands;
using RoomAgent.Hub.People;
using RoomAgent.Hub.Store;

namespace RoomAgent.Hub.Hosting;

/// <summary>The words of the command line. Without any the hub runs.</summary>
internal static class CommandLine
{
    /// <summary>Where settings are read from when no other file is named. It may be missing.</summary>
    public const string DefaultFile = "/etc/roomhub/roomhub.json";

    private static readonly Func<VerbRunner, Command>[] s_commands =
    [
        CheckCommand.Create,
        IdentityCommand.Create,
        AdminCommand.Create,
        SetupCodeCommand.Create,
        PortsCommand.Create,
        BackupCommand.Create,
        RestoreCommand.Create,
        MoveCommand.Create,
        NodeCommands.CreateCredentials,
        NodeCommands.CreateRevoke,
        NodeCommands.CreateNode,
    ];

    /// <summary>The version of everything that was built together.</summary>
    public static Version Version { get; } = Assembly.GetExecutingAssembly().GetName().Version!;

    private static bool IsJournal => Environment.GetEnvironmentVariable("JOURNAL_STREAM") is { Length: > 0 };

    /// <summary>Does what the words say; gives the exit code.</summary>
    public static Task<int> RunAsync(string[] args)
    {
        var config = new Option<FileInfo>("--config") { Description = $"A JSON file with settings, instead of {DefaultFile}.", HelpName = "PATH", Recursive = true };
        Option<string>[] settings = [.. HubSettings.Names.Select(name => new Option<string>("--" + name.Name) { Description = name.Meaning, Recursive = true })];

        var root = new RootCommand("The service that meeting rooms talk to. Each setting is an option, a variable ROOMHUB_NAME (with _ for -), or a line in the file; the former goes before the latter.") { config };
        foreach (Option<string> setting in settings)
            root.Add(setting);
        root.Options.OfType<VersionOption>().Single().Action = new PrintVersion();

        VerbRunner run = verb => async (parsed, cancel) =>
        {
            if (ReadSettings(parsed, config, settings) is not { } read)
                return ExitCode.Configuration;
            try
            {
                return await verb(read, parsed, cancel);
            }
            catch (Exception problem) when (problem is IOException or StoreException or CryptographicException or UnauthorizedAccessException or System.Net.Sockets.SocketException)
            {
                Complain(problem.Message);
                return ExitCode.Failure;
            }
        };
        root.SetAction(run(ServeAsync));
        foreach (Func<VerbRunner, Command> create in s_commands)
            root.Add(create(run));

        ParseResult parsed = root.Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null });
        if (parsed.Errors.Count == 0)
            return parsed.InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null });

        foreach (var error in parsed.Errors)
            Complain(error.Message);
        Complain("roomhub --help lists what there is");
        return Task.FromResult(ExitCode.Usage);
    }

    /// <summary>Where the log goes: one line each. The journal gets the level in front, and has the time itself; what the web server says of every request is for nobody.</summary>
    public static void Log(ILoggingBuilder log)
    {
        if (IsJournal)
            log.AddSystemdConsole();
        else
            log.AddSimpleConsole(console => console.SingleLine = true);
        log.AddFilter("Microsoft", LogLevel.Warning);

        // Of each call without a session or token the framework tells, in the name of our handlers.
        foreach (Type handler in (Type[])[typeof(People.SessionAuthentication), typeof(Devices.DeviceAuthentication), typeof(Calendar.GuestAuthentication)])
            log.AddFilter(handler.FullName, LogLevel.Warning);
    }

    private static async Task<int> ServeAsync(HubSettings settings, ParseResult parsed, CancellationToken cancel)
    {
        await using HubServer hub = await HubServer.StartAsync(settings, TimeProvider.System, Log, cancel: cancel);
        await GreetAsync(hub.People, cancel);
        await hub.WaitAsync();
        return ExitCode.Good;
    }

    // Only now that it listens: a link that nobody saw because the port was taken would be lost. A journal is kept and read by others, so no link goes there.
    private static async Task GreetAsync(PeopleDesk people, CancellationToken cancel)
    {
        if (!IsJournal && await people.InviteFirstAsync(cancel) is { } link)
            Console.Out.WriteLine($"This hub is new. Whoever opens this link within a day becomes its administrator. It is good once, and the next start shows another one unless somebody did:\n{link}");
        else if (!await people.Store.IsAnybodyThereAsync(cancel))
            Console.Out.WriteLine("This hub is new. The command roomhub admin reset shows the link that makes its administrator.");
    }

    private static HubSettings? ReadSettings(ParseResult parsed, Option<FileInfo> config, Option<string>[] options)
    {
        Dictionary<string, string?> given = [];
        foreach ((string name, _) in HubSettings.Names)
        {
            if (Environment.GetEnvironmentVariable("ROOMHUB_" + name.ToUpperInvariant().Replace('-', '_')) is { } variable)
                given[name] = variable;
        }

        foreach (Option<string> option in options)
        {
            if (parsed.GetValue(option) is { } value)
                given[option.Name.TrimStart('-')] = value;
        }

        try
        {
            string file = parsed.GetValue(config)?.FullName ?? DefaultFile;
            IConfigurationRoot configuration = new ConfigurationBuilder()
                .AddJsonFile(file, optional: parsed.GetValue(config) is null)
                .AddInMemoryCollection(given)
                .Build();
            HubSettings? settings = HubSettings.Read(configuration, out IReadOnlyList<string> problems);
            foreach (string problem in problems)
                Complain(problem);
            return settings;
        }
        catch (Exception problem) when (problem is FileNotFoundException or InvalidDataException)
        {
            Complain(problem.InnerException?.Message ?? problem.Message);
            return null;
        }
    }

    internal static void Complain(string problem) => Console.Error.WriteLine($"roomhub: {problem}");

    private sealed class PrintVersion : SynchronousCommandLineAction
    {
        public override int Invoke(ParseResult parseResult)
        {
            Console.Out.WriteLine($"roomhub {Version}");
            return ExitCode.Good;
        }
    }
}
