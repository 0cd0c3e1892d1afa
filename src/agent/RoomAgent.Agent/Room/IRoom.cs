using RoomAgent.Agent.Calendar;
using RoomAgent.Meetings;

namespace RoomAgent.Agent.Room;

/// <summary>
/// The room as people at the device use it, by buttons, the local interface or <c>roomctl</c>. Everything here is done in the room: nothing of it can be asked for by
/// the hub or another participant. Calls come from anywhere and do not wait for networks longer than they have to.
/// </summary>
public interface IRoom
{
    /// <summary>How the room stands.</summary>
    RoomStatus Status { get; }

    /// <summary>Tells how the room stands whenever that changes, in order, on whatever thread. Listeners are quick.</summary>
    event Action<RoomStatus>? Changed;

    /// <summary>Makes the device a member by a setup code (<c>roomhub setup-code</c>), or has it show a code for the hub at an address.</summary>
    /// <param name="text">A setup code or an address; anything.</param>
    Task<RoomAnswer> PairAsync(string text);

    /// <summary>Somebody in the room compared the words of the hub with those on its page, and they are the same.</summary>
    /// <param name="words">The words, as shown.</param>
    Task<RoomAnswer> ConfirmHubAsync(string words);

    /// <summary>Shows a new code, after the account was lost or the code was refused.</summary>
    Task<RoomAnswer> PairAnewAsync();

    /// <summary>Gives the account back and forgets the hub.</summary>
    Task<RoomAnswer> UnpairAsync();

    /// <summary>Does not join the meeting whose countdown runs.</summary>
    Task<RoomAnswer> StopCountdownAsync();

    /// <summary>Joins a meeting of the calendar now. Without a name the one that runs or is next.</summary>
    Task<RoomAnswer> JoinAsync(OccurrenceName? name);

    /// <summary>Joins a personal room.</summary>
    /// <param name="address">Its address at the hub: the short name, or a link of the hub that ends with it.</param>
    Task<RoomAnswer> JoinAddressAsync(string address);

    /// <summary>Leaves the meeting.</summary>
    Task<RoomAnswer> LeaveAsync();

    /// <summary>Opens or closes the microphones.</summary>
    Task<RoomAnswer> MuteAsync(bool isMuted);

    /// <summary>Opens or closes the camera.</summary>
    Task<RoomAnswer> SwitchCameraAsync(bool isOff);

    /// <summary>As host: lets somebody in who waits.</summary>
    Task<RoomAnswer> AdmitAsync(Participant who);

    /// <summary>As host: puts somebody out.</summary>
    Task<RoomAnswer> EjectAsync(Participant who);

    /// <summary>As host: lets nobody new in, or lets them in again.</summary>
    Task<RoomAnswer> LockAsync(bool isLocked);

    /// <summary>Joins nothing by itself for a while; <see cref="TimeSpan.Zero"/> ends that.</summary>
    Task<RoomAnswer> DoNotDisturbAsync(TimeSpan howLong);

    /// <summary>Shows or hides the security page, and holds the code that is shown for a minute so that people can read it out.</summary>
    Task<RoomAnswer> ShowSecurityAsync(bool isShown);
}

/// <summary>What became of a wish.</summary>
/// <param name="IsDone">Whether it is done, or under way.</param>
/// <param name="Problem">Otherwise why not, and what to do, in a sentence.</param>
public sealed record RoomAnswer(bool IsDone, string Problem = "")
{
    /// <summary>Done.</summary>
    public static RoomAnswer Done { get; } = new(true);
}
