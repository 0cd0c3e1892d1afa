namespace RoomAgent.Scripts.Tests;

/// <summary>How ./test adds up: whatever is not proven to have passed makes it fail.</summary>
public sealed class SumTests : IDisposable
{
    private readonly Machine _machine = new();

    public void Dispose() => _machine.Dispose();

    [Fact]
    public void TheLastLineAddsUpAllPrograms()
    {
        _machine.HaveTests("A.Tests", Machine.Report(passed: 3, skipped: 1));
        _machine.HaveTests("B.Tests", Machine.Report(passed: 4));

        AssertEnds(_machine.Run("test"), success: true, "7 passed, 0 failed, 1 skipped");
    }

    [Fact]
    public void SkippedTestsAreNamedWithTheirReasons()
    {
        _machine.HaveTests("A.Tests", Machine.Report(passed: 1, skipped: 2));

        Outcome outcome = _machine.Run("test");

        Assert.Equal(["  no peer 0", "      Absent.Test0", "  no peer 1", "      Absent.Test1"], outcome.Output[^5..^1]);
    }

    [Fact]
    public void AFailedTestFailsAndIsNamed()
    {
        _machine.HaveTests("A.Tests", Machine.Report(passed: 3, failed: 1), "exit 2");
        _machine.HaveTests("B.Tests", Machine.Report(passed: 4));

        Outcome outcome = _machine.Run("test");

        AssertEnds(outcome, success: false, "7 passed, 1 failed, 0 skipped");
        Assert.Contains("  Bad.Test0: first line", outcome.Output);
    }

    [Fact]
    public void AProgramIsQuietUnlessItFails()
    {
        _machine.HaveTests("A.Tests", Machine.Report(failed: 1), "exit 2");
        _machine.HaveTests("B.Tests", Machine.Report(passed: 4));

        Outcome outcome = _machine.Run("test");

        Assert.Contains("A.Tests has spoken", outcome.Output);
        Assert.DoesNotContain("B.Tests has spoken", outcome.Output);
    }

    [Fact]
    public void VerboseShowsWhatEveryProgramSays()
    {
        _machine.HaveTests("A.Tests", Machine.Report(passed: 4));

        Outcome outcome = _machine.Run("test", "--verbose");

        Assert.Contains("A.Tests has spoken", outcome.Output);
        AssertEnds(outcome, success: true, "4 passed, 0 failed, 0 skipped");
    }

    [Theory]
    [InlineData("--fast")]
    [InlineData("--verbose")]
    public void ACrashIsAFailureInEveryMode(string option)
    {
        _machine.HaveTests("A.Tests", report: null, "kill -SEGV $$");
        _machine.HaveTests("B.Tests", Machine.Report(passed: 4));

        Outcome outcome = _machine.Run("test", option);

        AssertEnds(outcome, success: false, "4 passed, 1 failed, 0 skipped");
        Assert.Contains("  A.Tests ended with exit code 139 and without a report", outcome.Output);
    }

    [Fact]
    public void ACrashAfterAGoodReportIsAFailure()
    {
        _machine.HaveTests("A.Tests", Machine.Report(passed: 4), "kill -ABRT $$");

        AssertEnds(_machine.Run("test"), success: false, "4 passed, 1 failed, 0 skipped");
    }

    [Fact]
    public void AMissingReportIsAFailure()
    {
        _machine.HaveTests("A.Tests", report: null);
        _machine.HaveTests("B.Tests", Machine.Report(passed: 4));

        AssertEnds(_machine.Run("test"), success: false, "4 passed, 1 failed, 0 skipped");
    }

    [Fact]
    public void HalfAReportIsAFailure()
    {
        _machine.HaveTests("A.Tests", Machine.Report(passed: 4)[..^20]);

        AssertEnds(_machine.Run("test"), success: false, "0 passed, 1 failed, 0 skipped");
    }

    [Fact]
    public void AReportOfYesterdayDoesNotCount()
    {
        _machine.HaveTests("A.Tests", Machine.Report(passed: 4));
        _machine.HaveTests("B.Tests", Machine.Report(passed: 4));
        Assert.Equal(0, _machine.Run("test").Code);

        _machine.HaveNoReport("A.Tests");

        AssertEnds(_machine.Run("test"), success: false, "4 passed, 1 failed, 0 skipped");
    }

    [Fact]
    public void FailuresThatTheExitCodeHidesAreFailures()
    {
        _machine.HaveTests("A.Tests", Machine.Report(passed: 4, failed: 2), "exit 0");

        AssertEnds(_machine.Run("test"), success: false, "4 passed, 3 failed, 0 skipped");
    }

    [Fact]
    public void AProgramOutsideTheSolutionIsAFailure()
    {
        _machine.HaveTests("A.Tests", Machine.Report(passed: 4));
        _machine.HaveTestsThatWereNotBuilt("B.Tests");

        Outcome outcome = _machine.Run("test");

        AssertEnds(outcome, success: false, "4 passed, 1 failed, 0 skipped");
        Assert.Contains("  B.Tests was not built: is it in RoomAgent.sln?", outcome.Output);
    }

    [Fact]
    public void AProgramWithoutATestIsAFailure()
    {
        _machine.HaveTests("A.Tests", Machine.Report(passed: 4));
        _machine.HaveTests("B.Tests", Machine.Report());

        AssertEnds(_machine.Run("test"), success: false, "4 passed, 1 failed, 0 skipped");
    }

    [Fact]
    public void AProgramWithPeerTestsOnlyMayBeEmptyWhenFast()
    {
        _machine.HaveTests("A.Tests", Machine.Report(passed: 4));
        _machine.HaveTests("B.Tests", Machine.Report());

        AssertEnds(_machine.Run("test", "--fast"), success: true, "4 passed, 0 failed, 0 skipped");
        Assert.Contains("--filter-not-trait Category=Peer", _machine.Calls);
    }

    [Fact]
    public void NoTestAtAllIsAFailure()
    {
        _machine.HaveTests("A.Tests", Machine.Report());

        AssertEnds(_machine.Run("test", "--filter", "Nothing"), success: false, "0 passed, 0 failed, 0 skipped");
    }

    [Fact]
    public void NoProgramAtAllIsAFailure()
    {
        AssertEnds(_machine.Run("test"), success: false, "0 passed, 1 failed, 0 skipped");
    }

    [Fact]
    public void OnlySkippedTestsAreAFailure()
    {
        _machine.HaveTests("A.Tests", Machine.Report(skipped: 4));

        AssertEnds(_machine.Run("test"), success: false, "0 passed, 0 failed, 4 skipped");
    }

    [Fact]
    public void AFilterReachesThePrograms()
    {
        _machine.HaveTests("A.Tests", Machine.Report(passed: 1));

        _machine.Run("test", "--filter", "Instant", "--filter", "Varint");

        Assert.Contains("--filter-method *Instant* --filter-method *Varint*", _machine.Calls);
    }

    [Fact]
    public void ContinuousIntegrationEndsWithTheSameLine()
    {
        _machine.HaveTests("A.Tests", Machine.Report(passed: 3, failed: 1), "exit 2");

        AssertEnds(_machine.Run(".ci/run"), success: false, "3 passed, 1 failed, 0 skipped");
    }

    [Fact]
    public void ContinuousIntegrationEndsWithTheLineEvenIfNothingCouldBeBuilt()
    {
        _machine.HaveNo("dotnet");

        AssertEnds(_machine.Run(".ci/run"), success: false, "0 passed, 0 failed, 0 skipped");
    }

    private static void AssertEnds(Outcome outcome, bool success, string lastLine)
    {
        Assert.Equal(lastLine, outcome.Output.LastOrDefault());
        Assert.Equal(success, outcome.Code == 0);
    }
}
