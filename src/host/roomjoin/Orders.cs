using RoomAgent.Agent.Room;
using RoomAgent.Meetings;
using RoomAgent.XApi;

namespace RoomAgent.Join;

/// <summary>What a person types while the program runs, a line each.</summary>
/// <param name="room">Who does it.</param>
/// <param name="teller">Tells what became of it.</param>
internal sealed class Orders(IRoom room, Teller teller)
{
    /// <summary>What there is.</summary>
    public const string Help = "mute, unmute, camera on, camera off, admit NAME, eject NAME, lock, unlock, roster, code, leave";

    private const int Longest = 400;

    /// <summary>Does what a line says.</summary>
    /// <returns>Whether to go on.</returns>
    public async Task<bool> DoAsync(string line)
    {
        string[] words = line.Trim().Split(' ', 2, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        if (words.Length == 0)
            return true;

        (string verb, string rest) = (words[0].ToLowerInvariant(), words.Length > 1 ? words[1] : "");
        if (verb is "leave" or "quit" && rest.Length == 0)
            return false;

        RoomAnswer answer = line.Length > Longest ? new RoomAnswer(false, "That is longer than any order.") : (verb, rest) switch
        {
            ("mute", "") => await room.MuteAsync(isMuted: true),
            ("unmute", "") => await room.MuteAsync(isMuted: false),
            ("camera", "on") => await room.SwitchCameraAsync(isOff: false),
            ("camera", "off") => await room.SwitchCameraAsync(isOff: true),
            ("admit", not "") => await WithAsync(rest, room.Status.Meeting?.Waiting.Select(one => (one.Who, one.Name)), room.AdmitAsync),
            ("eject", not "") => await WithAsync(rest, room.Status.Meeting?.Members.Where(one => !one.IsSelf).Select(one => (one.Who, one.Name)), room.EjectAsync),
            ("lock", "") => await room.LockAsync(isLocked: true),
            ("unlock", "") => await room.LockAsync(isLocked: false),
            ("roster", "") => Roster(),
            ("code", "") => await CodeAsync(),
            ("help" or "?", _) => new RoomAnswer(true, $"You can say: {Help}."),
            _ => new RoomAnswer(false, $"That is no order. You can say: {Help}."),
        };
        string problem = ForeignText.Clean(answer.Problem);
        teller.Tell("answer", problem, new() { ["order"] = ForeignText.Clean(line.Trim()), ["done"] = answer.IsDone });
        return true;
    }

    private static async Task<RoomAnswer> WithAsync(string wanted, IEnumerable<(Participant Who, string Name)>? among, Func<Participant, Task<RoomAnswer>> deed)
    {
        if (among is null)
            return new RoomAnswer(false, "You are in no meeting.");

        (Participant Who, string Name)[] all = [.. among];
        (Participant Who, string Name)[] found = [.. all.Where(one => one.Name.Equals(wanted, StringComparison.OrdinalIgnoreCase))];
        if (found.Length == 0)
            found = [.. all.Where(one => one.Name.StartsWith(wanted, StringComparison.OrdinalIgnoreCase))];
        if (found.Length == 1)
            return await deed(found[0].Who);

        string names = string.Join(", ", (found.Length == 0 ? all : found).Select(one => one.Name));
        return new RoomAnswer(false, found.Length > 0 ? $"More than one may be meant: {names}." : all.Length == 0 ? "There is nobody." : $"There is nobody of that name. There are: {names}.");
    }

    private RoomAnswer Roster()
    {
        if (room.Status.Meeting is not { } meeting)
            return new RoomAnswer(false, "You are in no meeting.");

        Reporter.TellRoster(teller, meeting, isWhole: true);
        return RoomAnswer.Done;
    }

    // Held for a minute, so that people can read it out.
    private async Task<RoomAnswer> CodeAsync()
    {
        if (await room.ShowSecurityAsync(isShown: true) is { IsDone: false } refused)
            return refused;
        if (room.Status.Meeting is not { Code.Code: not null } meeting)
            return new RoomAnswer(false, "There is no security code yet: the group is changing. Ask again in a second.");

        Reporter.TellCode(teller, meeting, isWhole: true);
        return RoomAnswer.Done;
    }
}
