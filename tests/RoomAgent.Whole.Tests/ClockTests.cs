using RoomAgent.Agent.Room;
using RoomAgent.Hal;

namespace RoomAgent.Whole.Tests;

/// <summary>A board without a battery for its clock: it starts at any time, and goes by the one that its hub signs for it.</summary>
public sealed class ClockTests
{
    private const double TenYears = 10 * 365.25 * 24 * 60;

    [Theory]
    [InlineData(10)]
    [InlineData(-10)]
    [InlineData(TenYears)]
    [InlineData(-TenYears)]
    public async Task ARoomWhoseClockIsWrongPairsAndJoinsByTheTimeOfItsHub(double minutes)
    {
        await using School school = await School.StartAsync();
        await using WholeRoom room = WholeRoom.Start(await school.SetupCodeAsync("Library"), clock: new WrongClock(TimeSpan.FromMinutes(minutes)));
        await room.UntilAsync(status => status.Phase == DevicePhase.Registered);
        Assert.InRange(room.Status.CertifiedUntil!.Value, DateTimeOffset.UtcNow, DateTimeOffset.UtcNow.AddDays(30));
        await school.PlaceAsync("Library");
        await school.ScheduleAsync(DateTime.UtcNow, DateTime.UtcNow.AddHours(1), "Library");

        await room.UntilAsync(status => status.Meeting is { Stage: MeetingStage.Member });
    }

    [Fact]
    public async Task ATimeBelowTheFloorIsNotBelievedNotEvenTheHubsAndTheScreenSaysSo()
    {
        await using School school = await School.StartAsync();
        await using WholeRoom room = WholeRoom.Start(await school.SetupCodeAsync("Library"), floor: DateTimeOffset.UtcNow.AddDays(1));

        await room.UntilAsync(status => status.Phase == DevicePhase.Paired && RoomScenes.Of(status, new ScreenLook()).Notice == Trouble.ClockNotTrusted);

        // Long enough for a certificate and a meeting, if it went by that time.
        await school.PlaceAsync("Library");
        await school.ScheduleAsync(DateTime.UtcNow, DateTime.UtcNow.AddHours(1), "Library");
        await Task.Delay(TimeSpan.FromSeconds(5));
        Assert.True(room.Status is { IsTimeKnown: false, CertifiedUntil: null, Countdown: null, Meeting: null });
    }

    // Its timers are right: a clock that was never set still counts seconds.
    private sealed class WrongClock(TimeSpan error) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + error;
    }
}
