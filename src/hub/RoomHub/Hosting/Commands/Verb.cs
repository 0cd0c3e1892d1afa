using System.CommandLine;

namespace RoomAgent.Hub.Hosting.Commands;

/// <summary>What a word of the command line does, with the settings that stand beside it; gives the exit code.</summary>
/// <remarks>It throws what a machine may do to it (no file, no database, no right): that is told in a sentence, and ends with <see cref="ExitCode.Failure"/>.</remarks>
internal delegate Task<int> Verb(HubSettings settings, ParseResult parsed, CancellationToken cancel);

/// <summary>Makes an action of a verb: reads the settings first, and tells what goes wrong.</summary>
internal delegate Func<ParseResult, CancellationToken, Task<int>> VerbRunner(Verb verb);
