using System.Text.Json;
using RoomAgent.Agent.Calendar;
using RoomAgent.Agent.Room;
using RoomAgent.LocalApi.Doors;
using RoomAgent.LocalApi.Feed;
using RoomAgent.Meetings;
using RoomAgent.Wire;
using RoomAgent.XApi;

namespace RoomAgent.LocalApi.Commands;

/// <summary>Every command there is: name, who may, what it takes, what it does. Rights and ranges are settled before the deed.</summary>
internal static class CommandTable
{
    private const int LongestQuiet = 7 * 24 * 60;
    private const int LongestMeetingId = 64;
    private const int InstanceLength = 16;
    private const int KeyHashLength = 32;

    // There is one call at a time, so that its number tells nothing; integrators send it.
    private static readonly Argument s_callId = new("CallId", new Whole(0, 65_534), IsRequired: false);
    private static readonly Argument s_participant = new("ParticipantId", new Hexadecimal(KeyHashLength, KeyHashLength));

    /// <summary>All of them.</summary>
    public static IReadOnlyList<RoomCommand> All { get; } =
    [
        new(CommandNames.Mute, Caller.InTheRoom, [], (room, _) => Tell(room.MuteAsync(isMuted: true))),
        new(CommandNames.Unmute, Caller.InTheRoom, [], (room, _) => Tell(room.MuteAsync(isMuted: false))),
        new(CommandNames.ToggleMute, Caller.InTheRoom, [], (room, _) => Tell(room.MuteAsync(!room.Status.IsMuted))),
        new(CommandNames.CameraOff, Caller.InTheRoom, [], (room, _) => Tell(room.SwitchCameraAsync(isOff: true))),
        new(CommandNames.CameraOn, Caller.InTheRoom, [], (room, _) => Tell(room.SwitchCameraAsync(isOff: false))),
        new(CommandNames.Dial, Caller.InTheRoom, [new("Number", new Text(1, 255))], (room, given) => Tell(room.JoinAddressAsync(given.Text("Number")))),
        new(CommandNames.Leave, Caller.InTheRoom, [s_callId], (room, _) => Tell(room.LeaveAsync())),
        new(CommandNames.Disturb, Caller.InTheRoom, [new("Timeout", new Whole(1, LongestQuiet))], (room, given) => Tell(room.DoNotDisturbAsync(TimeSpan.FromMinutes(given.Number("Timeout"))))),
        new(CommandNames.DisturbAgain, Caller.InTheRoom, [], (room, _) => Tell(room.DoNotDisturbAsync(TimeSpan.Zero))),
        new(CommandNames.Admit, Caller.InTheRoom, [s_callId, s_participant], (room, given) =>
            Find(room.Status.Meeting?.Waiting.Select(one => one.Who), given) is { } who ? Tell(room.AdmitAsync(who)) : Nobody("waits")),
        new(CommandNames.Eject, Caller.InTheRoom, [s_callId, s_participant], (room, given) =>
            Find(room.Status.Meeting?.Members.Where(one => !one.IsSelf).Select(one => one.Who), given) is { } who ? Tell(room.EjectAsync(who)) : Nobody("is in the meeting")),
        new(CommandNames.Lock, Caller.InTheRoom, [s_callId, new("Lock", new Switch())], (room, given) => Tell(room.LockAsync(given.IsOn("Lock")))),
        new(CommandNames.Bookings, Caller.Onlooker, [new("Limit", new Whole(1, 65_534), IsRequired: false)], (room, given) => Task.FromResult(List(room, given))),
        new(CommandNames.Join, Caller.InTheRoom, [new("MeetingId", new Hexadecimal(1, LongestMeetingId), IsRequired: false), new("Instance", new Hexadecimal(InstanceLength, InstanceLength), IsRequired: false)], JoinAsync),
        new(CommandNames.StopCountdown, Caller.InTheRoom, [], (room, _) => Tell(room.StopCountdownAsync())),
        new(CommandNames.Security, Caller.InTheRoom, [new("Shown", new Switch())], (room, given) => Tell(room.ShowSecurityAsync(given.IsOn("Shown")))),
        new(CommandNames.Pair, Caller.InTheRoom, [new("With", new Text(1, 1_024))], (room, given) => Tell(room.PairAsync(given.Text("With")))),
        new(CommandNames.ConfirmHub, Caller.InTheRoom, [new("Words", new Text(1, 64))], (room, given) => Tell(room.ConfirmHubAsync(given.Text("Words")))),
        new(CommandNames.PairAnew, Caller.InTheRoom, [], (room, _) => Tell(room.PairAnewAsync())),
        new(CommandNames.Unpair, Caller.InTheRoom, [], (room, _) => Tell(room.UnpairAsync())),
    ];

    /// <summary>The command of that name, in small or capital letters.</summary>
    public static RoomCommand? Find(string name) => All.FirstOrDefault(command => command.Name.Equals(name, StringComparison.OrdinalIgnoreCase));

    /// <summary>What is wrong with arguments, in a sentence; <see langword="null"/> when nothing is. Values are not repeated: they may be secret.</summary>
    public static string? WhatIsWrong(RoomCommand command, IReadOnlyDictionary<string, string> arguments)
    {
        foreach (Argument argument in command.Arguments)
        {
            if (!arguments.TryGetValue(argument.Name, out string? value))
            {
                if (argument.IsRequired)
                    return $"{argument.Name} is missing: it is {argument.Space.Allowed}.";
            }
            else if (!argument.Space.Has(value))
            {
                return $"{argument.Name} is {argument.Space.Allowed}.";
            }
        }

        return arguments.Keys.All(given => command.Arguments.Any(known => known.Name.Equals(given, StringComparison.OrdinalIgnoreCase)))
            ? null
            : $"{command.Name} takes {(command.Arguments.Count == 0 ? "nothing" : string.Join(", ", command.Arguments.Select(known => known.Name)))}.";
    }

    private static async Task<RpcReply> Tell(Task<RoomAnswer> deed) =>
        await deed is { IsDone: false } refused ? new RpcReply(RpcFault.Failed, refused.Problem) : RpcReply.Done;

    private static Task<RpcReply> Nobody(string does) => Task.FromResult(new RpcReply(RpcFault.Failed, $"Nobody of that ParticipantId {does}."));

    private static Participant? Find(IEnumerable<Participant>? all, Given given)
    {
        string id = given.Text("ParticipantId");
        foreach (Participant one in all ?? [])
        {
            if (RoomViews.IdOf(one).Equals(id, StringComparison.OrdinalIgnoreCase))
                return one;
        }

        return null;
    }

    private static RpcReply List(IRoom room, Given given)
    {
        IEnumerable<BookingView> all = RoomViews.Of(room.Status.Calendar);
        if (given.Has("Limit"))
            all = all.Take(given.Number("Limit"));
        return new RpcReply(RpcFault.None, "", JsonSerializer.SerializeToUtf8Bytes(new BookingList([.. all]), RoomJson.Default.BookingList));
    }

    private static Task<RpcReply> JoinAsync(IRoom room, Given given)
    {
        if (given.Has("MeetingId") != given.Has("Instance"))
            return Task.FromResult(new RpcReply(RpcFault.BadArguments, "MeetingId and Instance belong together: the calendar has both."));

        OccurrenceName? name = given.Has("MeetingId") ? new OccurrenceName(ByteString.Owning(given.Bytes("MeetingId")), ByteString.Owning(given.Bytes("Instance"))) : null;
        return Tell(room.JoinAsync(name));
    }
}
