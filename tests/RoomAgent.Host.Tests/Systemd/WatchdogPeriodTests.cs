using RoomAgent.Host.Systemd;

namespace RoomAgent.Host.Tests.Systemd;

public sealed class WatchdogPeriodTests
{
    [Fact]
    public void ItIsFedThreeTimesInItsTime()
    {
        WatchdogPeriod period = From(("WATCHDOG_USEC", "30000000"));

        Assert.Equal(new WatchdogPeriod(TimeSpan.FromSeconds(10), IsGuarded: true), period);
    }

    [Theory]
    [InlineData("31000000")]
    [InlineData("17280000000000")]
    [InlineData("9223372036854775807")]
    public void APatientWatchdogIsFedEveryTenSeconds(string text)
    {
        Assert.Equal(new WatchdogPeriod(TimeSpan.FromSeconds(10), IsGuarded: true), From(("WATCHDOG_USEC", text)));
    }

    [Fact]
    public void ItIsFedWhenItsProcessIsOurs()
    {
        Assert.True(From(("WATCHDOG_USEC", "30000000"), ("WATCHDOG_PID", "7")).IsGuarded);
        Assert.False(From(("WATCHDOG_USEC", "30000000"), ("WATCHDOG_PID", "8")).IsGuarded);
    }

    [Theory]
    [InlineData("")]
    [InlineData("0")]
    [InlineData("-1")]
    [InlineData("soon")]
    [InlineData("99999999999999999999999")]
    public void ATimeThatIsNoneMeansNoWatchdog(string text)
    {
        Assert.False(From(("WATCHDOG_USEC", text)).IsGuarded);
    }

    [Fact]
    public void NothingSaidMeansNoWatchdog()
    {
        Assert.False(From().IsGuarded);
    }

    private static WatchdogPeriod From(params (string Name, string Value)[] environment) =>
        WatchdogPeriod.From(environment.ToDictionary(variable => variable.Name, variable => variable.Value), processId: 7);
}
