namespace RoomAgent.Scripts.Tests;

/// <summary>What ./run, ./bench and ./measure start, and how they end.</summary>
public sealed class CommandTests : IDisposable
{
    private readonly Machine _machine = new();

    public void Dispose() => _machine.Dispose();

    [Fact]
    public void RunShowsRoomsThatMeetAndHandsTheirOptionsOn()
    {
        Outcome outcome = _machine.Run("run", "--no-install", "--once", "--rooms", "3", "--loss", "5");

        Assert.Equal(0, outcome.Code);
        Assert.Contains("RoomAgent.Rooms.dll --once --rooms 3 --loss 5\n", _machine.Calls);
    }

    [Fact]
    public void RunEndsAsTheRoomsEnd()
    {
        _machine.Have("endings/RoomAgent.Rooms", "exit 1");

        Assert.Equal(1, _machine.Run("run", "--once").Code);
    }

    [Fact]
    public void RunStartsTheAgentAloneSimulatedAndHandsItsOptionsOn()
    {
        Outcome outcome = _machine.Run("run", "agent", "--no-install", "--", "--set", "room.name=a b");

        Assert.Equal(0, outcome.Code);
        Assert.Contains("roomagent.dll --simulate --set room.name=a b\n", _machine.Calls);
    }

    [Theory]
    [InlineData("--dance")]
    [InlineData("--rooms")]
    [InlineData("agent", "--once")]
    public void RunStartsNothingWhenItIsAskedForWhatThereIsNot(params string[] words)
    {
        Assert.NotEqual(0, _machine.Run("run", words).Code);

        Assert.DoesNotContain(".dll", _machine.Calls);
    }

    [Fact]
    public void RunStartsTheHubWithAFolderOfItsOwnAndHandsItsOptionsOn()
    {
        _machine.Have("endings/RoomHub", "echo \"at $ROOMHUB_LISTEN in $ROOMHUB_DATA\"");

        Outcome outcome = _machine.Run("run", "hub", "--no-install", "--", "identity", "--database", "a b");

        Assert.Equal(0, outcome.Code);
        Assert.Contains("RoomHub.dll identity --database a b\n", _machine.Calls);
        Assert.Contains(outcome.Output, line => line.StartsWith("at 127.0.0.1:8443 in ", StringComparison.Ordinal) && line.EndsWith("/artifacts/hub", StringComparison.Ordinal));
    }

    [Fact]
    public void RunEndsAsTheAgentEnds()
    {
        _machine.Have("endings/roomagent", "exit 78");

        Assert.Equal(78, _machine.Run("run", "agent").Code);
    }

    [Fact]
    public void BenchTakesNamesAsParts()
    {
        _machine.Have("endings/RoomAgent.Benchmarks", "echo '## Table'");

        Assert.Equal(0, _machine.Run("bench", "Aead", "Kem").Code);

        Assert.Contains("--filter *Aead* *Kem*\n", _machine.Calls);
    }

    [Fact]
    public void BenchMasksTheInstructionsForAesWhenAsked()
    {
        _machine.Have("endings/RoomAgent.Benchmarks", "echo \"## OpenSSL ${OPENSSL_ia32cap:-all}, NSS ${NSS_DISABLE_HW_AES:-all} ${NSS_DISABLE_PCLMUL:-all}\"");

        Assert.Contains("## OpenSSL all, NSS all all", _machine.Run("bench").Output);
        Assert.Contains("## OpenSSL ~0x200000200000000, NSS 1 1", _machine.Run("bench", "--no-aes", "Frame").Output);
        Assert.Contains("--filter *Frame*\n", _machine.Calls);
    }

    [Fact]
    public void BenchWithoutATableFails()
    {
        Assert.NotEqual(0, _machine.Run("bench", "Nothing").Code);
    }

    [Fact]
    public void BenchFailsWhenABenchmarkFails()
    {
        _machine.Have("endings/RoomAgent.Benchmarks", "echo '## Table'; exit 1");

        Assert.NotEqual(0, _machine.Run("bench").Code);
    }

    [Fact]
    public void MeasureFailsWhenOneOfItsTargetsDoes()
    {
        _machine.Have("endings/RoomAgent.Fuzz", "[[ $* != *aead-open* ]]");

        Assert.Equal(0, _machine.Run("measure").Code);
        Assert.NotEqual(0, _machine.Run("measure", "aead-open", "wire-reader").Code);
        Assert.Contains("--target wire-reader", _machine.Calls);
    }

    [Fact]
    public void MeasureFailsWhenARoomIsWorseThanItMustBe()
    {
        _machine.Have("endings/RoomAgent.RoomLab", "[[ $* != *direct* ]]");

        Assert.NotEqual(0, _machine.Run("measure", "rooms").Code);
        Assert.DoesNotContain("RoomAgent.Fuzz", _machine.Calls);
    }

    [Fact]
    public void ASoakIsLonger()
    {
        _machine.Run("measure", "--soak");

        Assert.Contains("--inputs 1000000 --seconds 600", _machine.Calls);
        Assert.Contains("node --seconds 1800", _machine.Calls);
        Assert.Contains("RoomAgent.Rooms.dll measure --repetitions 30", _machine.Calls);
        Assert.Contains("RoomAgent.Rooms.dll soak --minutes 30", _machine.Calls);
        Assert.Contains("RoomHub.StoreLab.dll contest 100000", _machine.Calls);
    }

    [Fact]
    public void TheContestIsMeasuredByItselfWhenItAloneIsAskedFor()
    {
        _machine.Have("endings/RoomHub.StoreLab", "exit 1");

        Assert.NotEqual(0, _machine.Run("measure", "contest").Code);
        Assert.Contains("RoomHub.StoreLab.dll contest 10000", _machine.Calls);
        Assert.DoesNotContain("RoomAgent.Fuzz.dll", _machine.Calls);
    }
}
