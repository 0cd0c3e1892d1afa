namespace RoomAgent.Meetings.Tests;

/// <summary>Meetings in which everything fails that can: 1,000 here, 10,000 by <c>./measure --soak</c>.</summary>
public sealed class ScheduleTests
{
    private const int Rows = 10;
    private const int SchedulesPerRow = 100;

    public static TheoryData<int> Firsts => [.. Enumerable.Range(0, Rows).Select(row => 1 + (row * SchedulesPerRow))];

    [Theory]
    [MemberData(nameof(Firsts))]
    public void AllWhoRemainAgreeNoEpochHasTwoWinnersAndEveryEjectTakesEffect(int first)
    {
        string[] failures =
        [
            .. Enumerable.Range(first, SchedulesPerRow).AsParallel().Select(seed => Schedule.Run(seed)).Where(result => result.Failure is not null).Select(result => result.Describe()),
        ];

        Assert.True(failures.Length == 0, string.Join('\n', failures));
    }

    // 5501: an eject came while its target, lost meanwhile, was about to be let in again.
    [Theory]
    [InlineData(5501)]
    public void AScheduleThatOnceFailedDoesNotAnyMore(int seed) => Assert.Null(Schedule.Run(seed).Failure);

    [Fact]
    public void AScheduleThatIsRunAgainIsTheSame()
    {
        ScheduleResult once = Schedule.Run(7, traced: true);
        ScheduleResult again = Schedule.Run(7, traced: true);

        Assert.NotEmpty(once.Trace);
        Assert.Equal(once.Trace, again.Trace);
    }
}
