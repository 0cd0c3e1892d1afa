using RoomAgent.Agent.Calendar;
using RoomAgent.Agent.Ports;
using RoomAgent.Agent.Room;
using RoomAgent.Hal;
using RoomAgent.Meetings;
using RoomAgent.Wire;

namespace RoomAgent.LocalApi.Tests;

/// <summary>A room without devices and networks: a state, and verbs that change it as the real one's do.</summary>
internal sealed class TestRoom : IRoom
{
    public const string Words = "one-two-three-four-five-six";

    private readonly Lock _turn = new();

    public RoomStatus Status { get; private set; } = new() { Phase = DevicePhase.Unpaired };

    /// <summary>What it was paired with, which is secret.</summary>
    public string? PairedWith { get; private set; }

    public OccurrenceName? Joined { get; private set; }

    public string? Dialled { get; private set; }

    public List<Participant> Ejected { get; } = [];

    /// <summary>What goes wrong with the next wish.</summary>
    public Exception? Mistake { get; set; }

    public event Action<RoomStatus>? Changed;

    public static Participant Somebody(byte number) => new(ByteString.Owning([.. Enumerable.Repeat(number, 32)]), default);

    public static Occurrence Booking(byte number, string title) => new(
        new OccurrenceName(ByteString.Owning([number, 2, 3]), ByteString.Owning([.. Enumerable.Repeat(number, 16)])),
        new DateTimeOffset(2027, 3, 1, 10, 0, 0, TimeSpan.Zero), new DateTimeOffset(2027, 3, 1, 11, 0, 0, TimeSpan.Zero))
    {
        Title = title,
    };

    /// <summary>In a meeting with the members of these names, the first of them itself.</summary>
    public void Meet(params string[] names) => Set(status => status with
    {
        Phase = DevicePhase.Registered,
        Meeting = new MeetingStatus
        {
            Name = Booking(1, "").Name,
            Title = "Weekly",
            Stage = MeetingStage.Member,
            Epoch = 7,
            Members = [.. names.Select((name, i) => new MemberStatus(new((uint)i), Somebody((byte)(i + 1)), name, IdentityVerdict.Vouched) { IsSelf = i == 0 })],
        },
    });

    public void Set(Func<RoomStatus, RoomStatus> change)
    {
        lock (_turn)
        {
            Status = change(Status);
            Changed?.Invoke(Status);
        }
    }

    public Task<RoomAnswer> PairAsync(string text)
    {
        PairedWith = text;
        return Do(status => status with { Account = new CloudState.HubUnknown(Words) });
    }

    public Task<RoomAnswer> ConfirmHubAsync(string words) =>
        words == Words ? Do(status => status with { Phase = DevicePhase.Paired, Account = new CloudState.Paired("School", "device-1") }) : No("These are not the words.");

    public Task<RoomAnswer> PairAnewAsync() => Do(status => status);

    public Task<RoomAnswer> UnpairAsync() => Do(status => status with { Phase = DevicePhase.Unpaired, Account = new CloudState.NoHub() });

    public Task<RoomAnswer> StopCountdownAsync() => Status.Countdown is null ? No("No countdown runs.") : Do(status => status with { Countdown = null });

    public Task<RoomAnswer> JoinAsync(OccurrenceName? name)
    {
        Joined = name;
        return Do(status => status);
    }

    public Task<RoomAnswer> JoinAddressAsync(string address)
    {
        Dialled = address;
        return Do(status => status);
    }

    public Task<RoomAnswer> LeaveAsync() => Status.Meeting is null ? No("The room is in no meeting.") : Do(status => status with { Meeting = null });

    public Task<RoomAnswer> MuteAsync(bool isMuted) => Do(status => status with { IsMuted = isMuted });

    public Task<RoomAnswer> SwitchCameraAsync(bool isOff) => Do(status => status with { IsCameraOff = isOff });

    public Task<RoomAnswer> AdmitAsync(Participant who) => Do(status => status);

    public Task<RoomAnswer> EjectAsync(Participant who)
    {
        Ejected.Add(who);
        return Do(status => status);
    }

    public Task<RoomAnswer> LockAsync(bool isLocked) => Do(status => status with { Meeting = status.Meeting is { } meeting ? meeting with { IsLocked = isLocked } : null });

    public Task<RoomAnswer> DoNotDisturbAsync(TimeSpan howLong) => Do(status => status with { DoNotDisturbUntil = howLong > TimeSpan.Zero ? DateTimeOffset.UnixEpoch + howLong : null });

    public Task<RoomAnswer> ShowSecurityAsync(bool isShown) => Do(status => status with { IsSecurityShown = isShown });

    private Task<RoomAnswer> Do(Func<RoomStatus, RoomStatus> change)
    {
        if (Mistake is { } mistake)
            return Task.FromException<RoomAnswer>(mistake);

        Set(change);
        return Task.FromResult(RoomAnswer.Done);
    }

    private static Task<RoomAnswer> No(string why) => Task.FromResult(new RoomAnswer(false, why));
}
