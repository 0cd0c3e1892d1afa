namespace RoomAgent.Scripts.Tests;

/// <summary>What the scripts say and do on machines that lack something: one sentence, and never the exit code 0.</summary>
public sealed class PrerequisiteTests : IDisposable
{
    private readonly Machine _machine = new();

    private static string BuildPackages => string.Join(' ', Machine.PackagesFor("build").Order(StringComparer.Ordinal));

    public void Dispose() => _machine.Dispose();

    [Theory]
    [MemberData(nameof(Machine.Commands), MemberType = typeof(Machine))]
    public void AMissingSdkIsOneSentence(string script)
    {
        _machine.HaveNo("dotnet");

        AssertOneSentence(_machine.Run(script), "there is no .NET SDK here", "install the .NET 10 SDK");
    }

    [Fact]
    public void AnSdkTooOldForGlobalJsonIsOneSentenceThatNamesBoth()
    {
        _machine.Have("sdk-is-old", "8.0.404 [/usr/share/dotnet/sdk]\n9.0.101 [/usr/share/dotnet/sdk]\n");

        AssertOneSentence(_machine.Run("test"), "10.0.100", "8.0.404 9.0.101", "install the .NET 10 SDK");
    }

    [Fact]
    public void AnotherSystemThanDebianIsOneSentence()
    {
        _machine.HaveNo("dpkg-query");

        AssertOneSentence(_machine.Run("test"), "not a Debian");
    }

    [Fact]
    public void NoInstallNamesWhatIsMissingAndTheCommandAndInstallsNothing()
    {
        _machine.Have("installed", string.Join('\n', Machine.PackagesFor("build").Except(["openssl"])));

        AssertOneSentence(_machine.Run("test", "--fast", "--no-install"), "`apt-get install --no-install-recommends jq openssl`");
        Assert.DoesNotContain("apt-get", _machine.Calls);
    }

    [Fact]
    public void NoInstallIsNoHindranceWhenNothingIsMissing()
    {
        _machine.HaveTests("A.Tests", Machine.Report(passed: 1));

        Assert.Equal(0, _machine.Run("test", "--no-install").Code);
    }

    [Fact]
    public void WithEverythingInstalledAptIsNeverStarted()
    {
        _machine.HaveTests("A.Tests", Machine.Report(passed: 1));

        Assert.Equal(0, _machine.Run("test").Code);

        Assert.DoesNotContain("apt-get", _machine.Calls);
        Assert.DoesNotContain("sudo", _machine.Calls);
    }

    [Fact]
    public void AProgramThatCameFromElsewhereThanDebianIsNotInstalledAgain()
    {
        _machine.HaveTests("A.Tests", Machine.Report(passed: 1));
        _machine.Have("installed", string.Join('\n', Machine.AllPackages().Except(["nodejs", "npm"])));
        AssertOneSentence(_machine.Run("test", "--no-install"), "nodejs npm is missing");

        _machine.HaveProgram("node");
        _machine.HaveProgram("npm");

        Assert.Equal(0, _machine.Run("test", "--no-install").Code);
    }

    [Fact]
    public void RootInstallsWhatIsMissingAndOnlyThat()
    {
        _machine.HaveTests("A.Tests", Machine.Report(passed: 1));
        _machine.Have("installed", string.Concat(Machine.PackagesFor("build").Select(package => package + '\n')));

        Assert.Equal(0, _machine.Run("test", "--fast").Code);

        Assert.Matches("(?m)^apt-get .*install --no-install-recommends jq$", _machine.Calls);
        Assert.DoesNotContain("update", _machine.Calls);
        Assert.DoesNotContain("sudo", _machine.Calls);
    }

    [Fact]
    public void RunInstallsNothingThatOnlyTestsNeed()
    {
        _machine.Have("installed", "");

        _machine.Run("run");

        Assert.Contains($"install --no-install-recommends {BuildPackages}\n", _machine.Calls);
    }

    [Fact]
    public void BenchInstallsWhatItMeasuresBeside()
    {
        _machine.Have("installed", string.Concat(Machine.PackagesFor("build").Select(package => package + '\n')));

        _machine.Run("bench");

        Assert.Contains("install --no-install-recommends ffmpeg libsrtp2-1 postgresql\n", _machine.Calls);
    }

    [Fact]
    public void PackageListsThatAreTooOldAreFetched()
    {
        _machine.HaveTests("A.Tests", Machine.Report(passed: 1));
        _machine.Have("installed", string.Concat(Machine.PackagesFor("build").Select(package => package + '\n')));
        _machine.Have("apt-lists-are-old");

        Assert.Equal(0, _machine.Run("test", "--fast").Code);

        Assert.Contains("update", _machine.Calls);
    }

    [Fact]
    public void WhoMaySudoInstallsWithSudo()
    {
        _machine.HaveTests("A.Tests", Machine.Report(passed: 1));
        _machine.Have("installed", "");
        _machine.Have("uid", "1000\n");

        Assert.Equal(0, _machine.Run("test").Code);

        Assert.Matches("(?m)^sudo .*apt-get .*install", _machine.Calls);
    }

    [Fact]
    public void NeitherRootNorSudoIsOneSentence()
    {
        _machine.Have("installed", "");
        _machine.Have("uid", "1000\n");
        _machine.HaveNo("sudo");

        AssertOneSentence(_machine.Run("run"), "not root", "no sudo", $"apt-get install --no-install-recommends {BuildPackages}");
    }

    [Fact]
    public void ASudoThatAsksWithNobodyThereIsOneSentence()
    {
        _machine.Have("installed", "");
        _machine.Have("uid", "1000\n");
        _machine.Have("sudo-wants-a-password");

        AssertOneSentence(_machine.Run("run"), "sudo wants a password", $"apt-get install --no-install-recommends {BuildPackages}");
    }

    [Fact]
    public void AptWithoutANetworkIsOneSentence()
    {
        _machine.Have("installed", "");
        _machine.Have("apt-error", "E: Failed to fetch a.deb  Temporary failure resolving 'mirror'\nE: Unable to fetch some archives\n");

        AssertOneSentence(_machine.Run("run"), "check the network");
    }

    [Fact]
    public void AptFailingOtherwiseIsOneSentenceWithItsReason()
    {
        _machine.Have("installed", "");
        _machine.Have("apt-error", "Reading package lists...\nE: You don't have enough free space in /var/cache/apt/archives/.\n");

        AssertOneSentence(_machine.Run("run"), "enough free space");
    }

    [Fact]
    public void ARestoreWithoutANetworkIsOneSentence()
    {
        _machine.Have("restore-error", "a.csproj : error NU1301: Unable to load the service index.\n");

        AssertOneSentence(_machine.Run("run"), "check the network");
    }

    [Fact]
    public void ALockFileThatDoesNotFitIsOneSentence()
    {
        _machine.Have("restore-error", "a.csproj : error NU1004: The packages lock file is inconsistent.\n");

        AssertOneSentence(_machine.Run("run"), "dotnet restore --force-evaluate");
    }

    [Fact]
    public void ABuildErrorIsShownOnceAndBrief()
    {
        _machine.Have("build-error", "  Building\n/x/A.cs(1,2): error CS1002: ; expected [/x/A.csproj]\n/x/A.cs(1,2): error CS1002: ; expected [/x/A.csproj]\n");

        Outcome outcome = _machine.Run("run");

        Assert.NotEqual(0, outcome.Code);
        Assert.Single(outcome.Errors, "/x/A.cs(1,2): error CS1002: ; expected");
        Assert.DoesNotContain(outcome.Errors, line => line.Contains("Building", StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Machine.Commands), MemberType = typeof(Machine))]
    public void HelpNeedsNothingInstalled(string script)
    {
        _machine.HaveNo("dotnet");
        _machine.Have("installed", "");

        Outcome outcome = _machine.Run(script, "--help");

        Assert.Equal(0, outcome.Code);
        Assert.Contains(outcome.Output, line => line.Contains("./" + script, StringComparison.Ordinal));
        Assert.Empty(outcome.Errors);
    }

    [Theory]
    [MemberData(nameof(Machine.Commands), MemberType = typeof(Machine))]
    public void AnOptionThatDoesNotExistIsOneSentence(string script)
    {
        AssertOneSentence(_machine.Run(script, "--quick"), "--quick", "--help");
    }

    // Lines that do not name the script say how far it got.
    private static void AssertOneSentence(Outcome outcome, params string[] words)
    {
        Assert.NotEqual(0, outcome.Code);
        Assert.Empty(outcome.Output);
        string sentence = Assert.Single(outcome.Errors, line => line is not ("restoring" or "building") && !line.StartsWith("installing ", StringComparison.Ordinal));
        Assert.EndsWith(".", sentence);
        foreach (string word in words)
            Assert.Contains(word, sentence);
    }
}
