using System.Diagnostics;
using System.Text.Json.Nodes;

namespace RoomAgent.Whole.Tests;

/// <summary>The real <c>roomjoin</c> in a process of its own, which tells what happens in lines of JSON and takes orders.</summary>
internal sealed class JoinProgram : IAsyncDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(45);
    private static readonly string s_dotnet = Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet";

    private readonly Process _process;
    private readonly List<JsonObject> _told = [];
    private readonly Task _reading;
    private readonly Task<string> _errors;

    private JoinProgram(Process process)
    {
        _process = process;
        _errors = process.StandardError.ReadToEndAsync();
        _reading = ReadAsync();
    }

    /// <summary>What it has told until now.</summary>
    public IReadOnlyList<JsonObject> Told
    {
        get
        {
            lock (_told)
                return [.. _told];
        }
    }

    /// <summary>Its name in the meeting.</summary>
    public string Name => (string)Told.First(one => (string)one["event"]! is "guest" or "signed-in")["name"]!;

    /// <summary>Starts it.</summary>
    /// <param name="input">The first lines of its standard input.</param>
    /// <param name="words">Its command line.</param>
    public static JoinProgram Start(string input, params string[] words) => Start(input, ["--json"], words);

    /// <summary>Starts it as people see it: each sentence counts as something told.</summary>
    public static JoinProgram StartForPeople(params string[] words) => Start("", [], words);

    private static JoinProgram Start(string input, string[] how, string[] words)
    {
        string[] quiet = words.Contains("--camera") ? [] : ["--camera", "none", "--microphone", "none"];
        var start = new ProcessStartInfo(s_dotnet, [Path.Combine(AppContext.BaseDirectory, "roomjoin.dll"), .. words, .. quiet, "--speaker", "none", .. how])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        var program = new JoinProgram(Process.Start(start)!);
        program.Order(input);
        return program;
    }

    /// <summary>Types a line.</summary>
    public void Order(string line)
    {
        if (line.Length == 0)
            return;

        _process.StandardInput.WriteLine(line);
        _process.StandardInput.Flush();
    }

    /// <summary>Presses Ctrl-C.</summary>
    public void Interrupt() => Process.Start("kill", ["-INT", _process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]).WaitForExit();

    /// <summary>Waits until it has told something.</summary>
    /// <param name="what">The kind of thing.</param>
    /// <param name="isIt">Whether it is the one.</param>
    /// <param name="from">From which of those told on.</param>
    public async Task<JsonObject> UntilAsync(string what, Func<JsonObject, bool>? isIt = null, int from = 0)
    {
        var watch = Stopwatch.StartNew();
        while (true)
        {
            if (Told.Skip(from).FirstOrDefault(one => (string)one["event"]! == what && (isIt?.Invoke(one) ?? true)) is { } found)
                return found;
            if (watch.Elapsed > s_patience || _reading.IsCompleted)
                Assert.Fail($"It never told of {what}; it told:\n{string.Join('\n', Told.Select(one => one.ToJsonString()))}\n{(_reading.IsCompleted ? await _errors : "")}");
            await Task.Delay(20);
        }
    }

    /// <summary>Waits until it has done an order, or has said why not.</summary>
    public async Task<JsonObject> DoAsync(string order)
    {
        int before = Told.Count;
        Order(order);
        return await UntilAsync("answer", answer => (string)answer["order"]! == order, before);
    }

    /// <summary>Waits until it has ended by itself.</summary>
    public async Task<(int Code, string Errors)> EndAsync()
    {
        await _process.WaitForExitAsync().WaitAsync(s_patience);
        await _reading;

        // libspeexdsp says by itself when its filter begins anew, which it does where nothing of the speaker reaches the microphone.
        string[] errors = [.. (await _errors).Split('\n').Where(line => !line.StartsWith("warning: The echo canceller", StringComparison.Ordinal))];
        return (_process.ExitCode, string.Join('\n', errors));
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            _process.Kill();
        await _process.WaitForExitAsync();
        await _reading;
        _process.Dispose();
    }

    private async Task ReadAsync()
    {
        while (await _process.StandardOutput.ReadLineAsync() is { } line)
        {
            JsonObject told = line.StartsWith('{') ? JsonNode.Parse(line)!.AsObject() : new JsonObject { ["event"] = "sentence", ["text"] = line };
            lock (_told)
                _told.Add(told);
        }
    }
}
