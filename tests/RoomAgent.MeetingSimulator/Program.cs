using System.CommandLine;
using RoomAgent.MeetingSimulator;

// Runs many schedules and says which of them failed. Exit code 1 when one did.
var seed = new Option<int>("--seed") { Description = "The first seed.", DefaultValueFactory = _ => 1 };
var schedules = new Option<int>("--schedules") { Description = "How many, with the seeds that follow.", DefaultValueFactory = _ => 1_000 };
var trace = new Option<bool>("--trace") { Description = "Says what happened in each." };
var command = new RootCommand("Meetings in virtual time, on machines, networks and a store that fail.") { seed, schedules, trace };

command.SetAction(parsed =>
{
    int first = parsed.GetValue(seed);
    int count = parsed.GetValue(schedules);
    bool traced = parsed.GetValue(trace);
    int failed = 0;
    long epochs = 0, ejects = 0;
    Parallel.For(first, first + count, current =>
    {
        ScheduleResult result = Schedule.Run(current, traced);
        Interlocked.Add(ref epochs, result.Epochs);
        Interlocked.Add(ref ejects, result.Ejects);
        if (traced)
            Console.WriteLine(string.Join('\n', result.Trace));
        if (result.Failure is null)
            return;

        Interlocked.Increment(ref failed);
        Console.WriteLine(result.Describe());
    });
    Console.WriteLine($"{count} schedules, {epochs} epochs, {ejects} ejects in force, {failed} failed.");
    return failed == 0 ? 0 : 1;
});
return command.Parse(args).Invoke();
