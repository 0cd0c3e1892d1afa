using System.CommandLine;
using System.CommandLine.Invocation;
using System.Reflection;
using RoomAgent.Agent.Settings;
using RoomAgent.Hal.Media;
using RoomAgent.Host.Configuration;
using RoomAgent.Host.Logging;

namespace RoomAgent.Host;

/// <summary>The arguments: questions that are answered at once, and what the daemon is to run with.</summary>
internal static class CommandLine
{
    /// <summary>The version of everything that was built together.</summary>
    public static Version Version { get; } = Assembly.GetExecutingAssembly().GetName().Version!;

    /// <summary>Answers what <paramref name="args"/> ask, or else lets <paramref name="run"/> be the daemon; gives the exit code.</summary>
    public static int Run(
        string[] args,
        IReadOnlyDictionary<string, string> environment,
        Func<ConfigurationSources, int> run)
    {
        var config = new Option<FileInfo>("--config")
        {
            Description = $"The configuration file, instead of {ConfigurationSources.DefaultFile}. Its neighbours PATH.d/*.conf are read too.",
            HelpName = "PATH",
        };
        var set = new Option<string[]>("--set")
        {
            Description = "Sets one setting, over file and environment. May be repeated.",
            HelpName = "section.key=value",
        };
        var simulate = new Option<bool>("--simulate")
        {
            Description = "Runs with simulated hardware, on any machine and without root.",
        };
        var check = new Option<bool>("--check-config")
        {
            Description = $"Says what is wrong with the configuration (exit code {ExitStatus.Configuration}), or which values hold and where they come from.",
        };
        var media = new Option<bool>("--check-media")
        {
            Description = "Loads the libraries for pictures and sound and says which they are, or what is missing. systemd has it done before each start, since the daemon loads them with its first meeting.",
        };
        var example = new Option<bool>("--example-config")
        {
            Description = "Prints a configuration file that explains every setting.",
        };
        var cover = new Option<bool>("--cover-setup-code")
        {
            Description = "Writes over the setup code on the boot partition, if the daemon has used it. systemd has it done by root once the daemon is ready.",
        };
        var command = new RootCommand("The daemon of a meeting room. systemd runs it; by hand, try --simulate.")
        {
            config, set, simulate, check, media, example, cover,
        };
        command.Options.OfType<VersionOption>().Single().Action = new PrintVersion();
        command.SetAction(arguments =>
        {
            if (arguments.GetValue(example))
                return Print(SettingTable.ExampleFile());
            if (arguments.GetValue(media))
                return CheckMedia();

            var sources = new ConfigurationSources
            {
                File = arguments.GetValue(config)?.FullName,
                Sets = arguments.GetValue(set) ?? [],
                Simulate = arguments.GetValue(simulate),
                Environment = environment,
            };
            if (arguments.GetValue(cover))
                return Cover(sources.Load(), environment);
            return arguments.GetValue(check) ? ConfigurationReport.Print(sources.Load()) : run(sources);
        });

        // An argument that starts with @ is an argument like any other: no name of a file with more of them, whose words
        // would be repeated in the complaint about them.
        ParseResult parsed = command.Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null });
        if (parsed.Errors.Count == 0)
            return parsed.Invoke();

        foreach (var error in parsed.Errors)
            Console.Error.WriteLine($"roomagent: {error.Message}");
        Console.Error.WriteLine("roomagent --help lists what there is");
        return ExitStatus.Usage;
    }

    private static int Cover(CheckedSettings loaded, IReadOnlyDictionary<string, string> environment)
    {
        if (!loaded.AreGood)
            return ConfigurationReport.Print(loaded);

        using var logs = new RoomLog(environment, TimeProvider.System);
        new SetupFile(loaded.Settings.SetupFile, Path.Combine(loaded.Settings.StateDirectory, SetupFile.MarkName), logs.For<SetupFile>()).Cover();
        return ExitStatus.Good;
    }

    private static int CheckMedia()
    {
        try
        {
            return Print($"{MediaLibrary.Versions}\n");
        }
        catch (DllNotFoundException missing)
        {
            Console.Error.WriteLine($"roomagent: {missing.Message}");
            return ExitStatus.Failure;
        }
    }

    private static int Print(string text)
    {
        Console.Out.Write(text);
        return ExitStatus.Good;
    }

    private sealed class PrintVersion : SynchronousCommandLineAction
    {
        public override int Invoke(ParseResult parseResult) => Print($"roomagent {Version}\n");
    }
}
