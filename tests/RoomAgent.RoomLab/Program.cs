using System.CommandLine;
using RoomAgent.Hal;
using RoomAgent.Hal.Media;
using RoomAgent.RoomLab;

// room-lab direct    a room that sees itself: camera, encoder, decoder, compositor, display
// room-lab node      two rooms and a media node: all of that, sound, both encryptions, and UDP between them

var seconds = new Option<int>("--seconds") { Description = "How long, without the time to warm up", DefaultValueFactory = _ => 20 };
var size = new Option<string>("--size") { Description = "Of the pictures: 640x360, 1280x720 or 1920x1080", DefaultValueFactory = _ => "1280x720" };
size.AcceptOnlyFromAmong("640x360", "1280x720", "1920x1080");
var snapshot = new Option<string?>("--snapshot") { Description = "A PNG file that gets the display's last picture" };
var judge = new Option<bool>("--judge") { Description = "Say what is worse than it must be, and end with 1 then" };

var direct = new Command("direct", "A room that sees itself, without sound and network") { seconds, size, snapshot, judge };
direct.SetAction(parsed => Run(new DirectLab(FormatOf(parsed.GetValue(size)!)), parsed));
var node = new Command("node", "Two rooms and a media node in one process, sealed and over UDP") { seconds, size, snapshot, judge };
node.SetAction(async (parsed, stopping) =>
{
    await using NodeLab lab = await NodeLab.StartAsync(FormatOf(parsed.GetValue(size)!));
    return Run(lab, parsed);
});

Console.Error.WriteLine(MediaLibrary.Open((level, line) => Console.Error.WriteLine($"{level}: {line}")));
return await new RootCommand("Whole rooms of simulated devices that measure themselves. The last line of the output is JSON.") { direct, node }.Parse(args).InvokeAsync();

int Run(ILab lab, ParseResult parsed)
{
    using (lab)
    {
        LabResult result = Measurement.Run(lab, TimeSpan.FromSeconds(parsed.GetValue(seconds)));
        if (parsed.GetValue(snapshot) is { } path && lab.Display.WriteSnapshot(path) != DeviceOutcome.Done)
            Console.Error.WriteLine($"The snapshot could not be written: {lab.Display.Problem}");
        Console.Out.WriteLine(result.ToJson());
        if (!parsed.GetValue(judge))
            return 0;

        string[] faults = [.. result.Faults()];
        foreach (string fault in faults)
            Console.Error.WriteLine(fault);
        return faults.Length == 0 ? 0 : 1;
    }
}

static VideoFormat FormatOf(string size)
{
    string[] sides = size.Split('x');
    return new VideoFormat(int.Parse(sides[0], System.Globalization.CultureInfo.InvariantCulture), int.Parse(sides[1], System.Globalization.CultureInfo.InvariantCulture), 30);
}
