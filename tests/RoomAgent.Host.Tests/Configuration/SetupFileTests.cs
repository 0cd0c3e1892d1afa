using System.Text;
using Microsoft.Extensions.Logging;
using RoomAgent.Agent.Ports;
using RoomAgent.Enrolment;
using RoomAgent.Host.Configuration;
using RoomAgent.Native.OpenSsl;
using RoomAgent.Store;

namespace RoomAgent.Host.Tests.Configuration;

/// <summary>The file on the boot partition of a new device: its code is used once and does not stay there (item 2 of the main job).</summary>
public sealed class SetupFileTests : IDisposable
{
    private static readonly SetupCode s_code = new(HubAddress.Read("https://hub.example.org")!, new byte[32], ActivationCode.Generate(ActivationCodeForm.Letters, OpenSslRandom.Instance));
    private static readonly string s_text = s_code.Reveal(OpenSslCrypto.Instance);

    private readonly TemporaryDirectory _home = new();
    private readonly StateDirectory _state;
    private readonly Lines _log = new();
    private readonly Account _account = new();

    public SetupFileTests() => _state = StateDirectory.Open(_home["state"]);

    private string Path => _home["setup.ini"];

    [Fact]
    public void TheCodeIsUsedAndWrittenOverWhereverItStands()
    {
        _home.Write("setup.ini", $"# {s_text}\r\n[setup]\r\ncode = {s_text}\r\n");

        Use();

        Assert.Equal(s_text, Assert.Single(_account.Used));
        string left = File.ReadAllText(Path);
        Assert.DoesNotContain(s_code.Code.Reveal(), left, StringComparison.Ordinal);
        Assert.Equal($"# {new string('#', s_text.Length)}\r\n[setup]\r\ncode = {new string('#', s_text.Length)}\r\n", left);
        Assert.DoesNotContain(_log.All, line => line.Contains(s_code.Code.Reveal(), StringComparison.Ordinal));
    }

    [Fact]
    public void RootWritesOverACodeThatWasUsedAndNoOther()
    {
        _home.Write("setup.ini", $"[setup]\ncode = {s_text}\n");
        Cover();
        Assert.Contains(s_text, File.ReadAllText(Path), StringComparison.Ordinal);

        using (new FileStream(Path, FileMode.Open, FileAccess.Read, FileShare.Read))
            Use();
        Assert.Contains(s_text, File.ReadAllText(Path), StringComparison.Ordinal);
        Cover();

        Assert.Equal($"[setup]\ncode = {new string('#', s_text.Length)}\n", File.ReadAllText(Path));
        Assert.Single(_account.Used);
    }

    [Fact]
    public void WhatWasWrittenOverIsNothing()
    {
        _home.Write("setup.ini", $"[setup]\ncode = {s_text}\n");
        Use();
        _log.All.Clear();

        Use();

        Assert.Single(_account.Used);
        Assert.Empty(_log.All);
    }

    [Fact]
    public void ACodeThatCannotBeRemovedIsUsedOnceAllTheSameAndThatIsSaid()
    {
        // Not by its rights, which the superuser does not care for: somebody has it open.
        _home.Write("setup.ini", $"[setup]\ncode = {s_text}\n");
        using (new FileStream(Path, FileMode.Open, FileAccess.Read, FileShare.Read))
        {
            Use();
            Use();
        }

        Assert.Single(_account.Used);
        Assert.Equal(2, _log.All.Count(line => line.Contains("could not be removed", StringComparison.Ordinal)));
        Assert.Contains(s_text, File.ReadAllText(Path), StringComparison.Ordinal);

        Use();
        Assert.Single(_account.Used);
        Assert.DoesNotContain(s_text, File.ReadAllText(Path), StringComparison.Ordinal);
    }

    [Fact]
    public void ACodeThatCouldNotBeKeptStaysForTheNextStart()
    {
        _home.Write("setup.ini", $"[setup]\ncode = {s_text}\n");
        _account.IsStorageBroken = true;
        Use();
        Assert.Contains(s_text, File.ReadAllText(Path), StringComparison.Ordinal);

        _account.IsStorageBroken = false;
        Use();

        Assert.Single(_account.Used);
        Assert.DoesNotContain(s_text, File.ReadAllText(Path), StringComparison.Ordinal);
    }

    [Fact]
    public void ADeviceThatBelongsToSomebodyDoesNotUseItAndItGoesAllTheSame()
    {
        _home.Write("setup.ini", $"[setup]\ncode = {s_text}\n");
        _account.IsMember = true;

        Use();

        Assert.DoesNotContain(s_text, File.ReadAllText(Path), StringComparison.Ordinal);
        Assert.Contains(_log.All, line => line.Contains("belongs to an organisation already", StringComparison.Ordinal));
    }

    [Fact]
    public void WhatIsNoCodeStaysAndIsSaidWithoutRepeatingIt()
    {
        _home.Write("setup.ini", $"[setup]\ncode = {s_text[..^1]}\n[hub]\naddress = https://hub.example.org\n");

        Use();

        Assert.Empty(_account.Used);
        Assert.Contains(_log.All, line => line.Contains("is not one", StringComparison.Ordinal));
        Assert.Contains(_log.All, line => line.Contains("only [setup] code", StringComparison.Ordinal));
        Assert.DoesNotContain(_log.All, line => line.Contains(s_code.Code.Reveal(), StringComparison.Ordinal));
        Assert.Contains(s_text[..^1], File.ReadAllText(Path), StringComparison.Ordinal);
    }

    [Fact]
    public void WhereThereIsNoFileNothingIsSaid()
    {
        Use();
        new SetupFile("", _state.File(SetupFile.MarkName), _log).Use(_account);

        Assert.Empty(_log.All);
    }

    [Theory]
    [InlineData("/dev/zero")]
    [InlineData("/proc/self/mem")]
    [InlineData("/")]
    public void WhatIsNoFileOfOursIsRefused(string path)
    {
        new SetupFile(path, _state.File(SetupFile.MarkName), _log).Use(_account);

        Assert.Empty(_account.Used);
        Assert.NotEmpty(_log.All);
    }

    [Fact]
    public void NoBeginningOfAFileIsUsedThatHasNotTheWholeCode()
    {
        byte[] whole = Encoding.UTF8.GetBytes($"\uFEFF[setup]\ncode = \"{s_text}\"\n");
        for (int length = 0; length < whole.Length - 2; length++)
        {
            File.WriteAllBytes(Path, whole[..length]);
            Use();
        }

        Assert.Empty(_account.Used);
        File.WriteAllBytes(Path, whole);
        Use();
        Assert.Single(_account.Used);
    }

    public void Dispose()
    {
        _state.Dispose();
        _home.Dispose();
    }

    private void Cover() => new SetupFile(Path, _state.File(SetupFile.MarkName), _log).Cover();

    private void Use() => new SetupFile(Path, _state.File(SetupFile.MarkName), _log).Use(_account);

    // An account that keeps what it is given, as the real one does.
    private sealed class Account : IHubAccount
    {
        public List<string> Used { get; } = [];

        public bool IsMember { get; set; }

        public bool IsStorageBroken { get; set; }

        public CloudState State => new CloudState.NoHub();

        public event Action<CloudState>? Changed
        {
            add { }
            remove { }
        }

        public DateTimeOffset? TrustedTime => null;

        public string? DnsName => null;

        public Task<bool> UseSetupCodeAsync(SetupCode setup, CancellationToken cancel = default)
        {
            if (IsStorageBroken)
                throw new IOException("full");
            if (!IsMember)
                Used.Add(setup.Reveal(OpenSslCrypto.Instance));
            return Task.FromResult(!IsMember);
        }

        public Task<bool> UseHubAsync(HubAddress address, CancellationToken cancel = default) => throw new NotSupportedException();

        public Task<bool> TrustHubAsync(string words, CancellationToken cancel = default) => throw new NotSupportedException();

        public Task<bool> PairAnewAsync(CancellationToken cancel = default) => throw new NotSupportedException();

        public Task<bool> LeaveAsync(CancellationToken cancel = default) => throw new NotSupportedException();

        public void LookNow() => throw new NotSupportedException();

        public void DoubtAccess() => throw new NotSupportedException();
    }

    private sealed class Lines : ILogger
    {
        public List<string> All { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => All.Add(formatter(state, exception));
    }
}
