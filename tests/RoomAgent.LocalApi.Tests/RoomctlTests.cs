using System.Diagnostics;
using RoomAgent.Agent.Ports;
using RoomAgent.Agent.Room;
using RoomAgent.Meetings;
using RoomAgent.Testing;

namespace RoomAgent.LocalApi.Tests;

/// <summary><c>roomctl</c> as a program at a real socket.</summary>
public sealed class RoomctlTests
{
    [Fact]
    public async Task ItSaysHowTheRoomStandsInWordsAndAsJson()
    {
        await using OpenDoor door = await OpenDoor.OpenAsync();
        door.Room.Meet("Library", "Lab \e[31m\u202eevil");

        (int code, string words, _) = await RunAsync(door, ["status"]);
        (_, string json, _) = await RunAsync(door, ["status", "--json"]);

        Assert.Equal(0, code);
        Assert.Contains("Weekly: Member", words, StringComparison.Ordinal);
        Assert.DoesNotContain('\e', words); // a name cannot give orders to the terminal
        Assert.DoesNotContain('\u202e', words);
        Assert.Equal("Member", XApi.RoomJson.ReadView(System.Text.Encoding.UTF8.GetBytes(json))!.Meeting!.Stage);
    }

    [Fact]
    public async Task ItWarnsOfWhatTheServiceDoesAndSaysWhoCameAndWentByWhom()
    {
        await using OpenDoor door = await OpenDoor.OpenAsync();
        door.Room.Meet("Library", "Lab");
        (_, string calm, _) = await RunAsync(door, ["status"]);
        Assert.DoesNotContain("warning", calm, StringComparison.Ordinal);

        door.Room.Set(status => status with
        {
            Meeting = status.Meeting! with
            {
                IsDecisionOpen = true,
                IsServiceBehind = true,
                Differences = PolicyDifferences.Hosts,
                Changes = [new RosterChange(status.Meeting.Members[1].Who, "Lab", HasCome: true, RosterCause.Own, 6), new RosterChange(status.Meeting.Members[1].Who, "Attic", HasCome: false, RosterCause.Host, 7)],
            },
        });

        (_, string words, _) = await RunAsync(door, ["status"]);
        Assert.Equal(3, words.Split('\n').Count(line => line.StartsWith("warning", StringComparison.Ordinal)));
        Assert.Contains("Lab, by themselves (epoch 6)", words, StringComparison.Ordinal);
        Assert.Contains("Attic, by a host (epoch 7)", words, StringComparison.Ordinal);
        string page = await door.Page.GetStringAsync("/");
        Assert.Contains("is not done", page, StringComparison.Ordinal);
        Assert.Contains("has lost a part", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ItOpensAndClosesMicrophonesAndCamera()
    {
        await using OpenDoor door = await OpenDoor.OpenAsync();

        await GoodAsync(door, "unmute");
        await GoodAsync(door, "camera", "on");
        Assert.True(door.Room.Status is { IsMuted: false, IsCameraOff: false });
        await GoodAsync(door, "mute");
        await GoodAsync(door, "camera", "off");
        Assert.True(door.Room.Status is { IsMuted: true, IsCameraOff: true });
    }

    [Fact]
    public async Task ItPairsWithWhatItReadsAndAPersonConfirmsTheWords()
    {
        await using OpenDoor door = await OpenDoor.OpenAsync();

        (int code, string said, string complained) = await RunAsync(door, ["pair", "-"], "secret-setup-code\n");
        Assert.Equal(0, code);
        Assert.Equal("secret-setup-code", door.Room.PairedWith);
        Assert.DoesNotContain("secret", said + complained, StringComparison.Ordinal);
        Assert.Contains(TestRoom.Words, said, StringComparison.Ordinal);

        Assert.Equal(1, (await RunAsync(door, ["pair", "--confirm", "other-words"])).Code);
        await GoodAsync(door, "pair", "--confirm", TestRoom.Words);
        Assert.IsType<CloudState.Paired>(door.Room.Status.Account);

        await GoodAsync(door, "unpair");
        Assert.Equal(DevicePhase.Unpaired, door.Room.Status.Phase);
    }

    [Fact]
    public async Task APersonIsPutOutByNameAndOneThatTwoHaveIsRefused()
    {
        await using OpenDoor door = await OpenDoor.OpenAsync();
        door.Room.Meet("Library", "Lab", "Attic", "Attic");

        Assert.Equal(1, (await RunAsync(door, ["eject", "Attic"])).Code);
        Assert.Equal(1, (await RunAsync(door, ["eject", "Library"])).Code); // the room itself
        Assert.Empty(door.Room.Ejected);
        await GoodAsync(door, "eject", "la");

        Assert.Equal(TestRoom.Somebody(2), Assert.Single(door.Room.Ejected));
    }

    [Fact]
    public async Task ARefusalIsASentenceAndACode()
    {
        await using OpenDoor door = await OpenDoor.OpenAsync();

        Assert.Equal((1, "", "roomctl: The room is in no meeting.\n"), await RunAsync(door, ["leave"]));
        Assert.Equal(64, (await RunAsync(door, ["dance"])).Code);
        Assert.Equal(64, (await RunAsync(door, ["camera", "perhaps"])).Code);
    }

    [Fact]
    public async Task WithoutADaemonItSaysWhatToDo()
    {
        (int code, _, string complained) = await RunAsync(Path.Combine(Path.GetTempPath(), "there-is-no-such.sock"), ["status"], "");

        Assert.Equal(69, code);
        Assert.Contains("systemctl start roomagent", complained, StringComparison.Ordinal);
    }

    private static async Task GoodAsync(OpenDoor door, params string[] words)
    {
        (int code, _, string complained) = await RunAsync(door, words);
        Assert.Equal((0, ""), (code, complained));
    }

    private static Task<(int Code, string Output, string Errors)> RunAsync(OpenDoor door, string[] words, string input = "") => RunAsync(door.Settings.SocketPath, words, input);

    private static async Task<(int Code, string Output, string Errors)> RunAsync(string socket, string[] words, string input)
    {
        string program = Path.Combine(Repository.Root, "artifacts", "bin", "roomctl", "release", "roomctl.dll");
        using Process process = Process.Start(new ProcessStartInfo("dotnet", [program, "--socket", socket, .. words]) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true })!;
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        Task<string> output = process.StandardOutput.ReadToEndAsync(patience.Token), errors = process.StandardError.ReadToEndAsync(patience.Token);
        await process.WaitForExitAsync(patience.Token);
        return (process.ExitCode, await output, await errors);
    }
}
