using RoomAgent.Hub.Identity;

namespace RoomAgent.Hub.Calendar;

/// <summary>What became of a change to a meeting.</summary>
internal enum PlanOutcome
{
    /// <summary>It is so.</summary>
    Done,

    /// <summary>There is no such meeting, or no such occurrence of it, in this organisation.</summary>
    NotFound,

    /// <summary>Something that was sent is none that meetings have.</summary>
    Invalid,

    /// <summary>A room is none of the organisation.</summary>
    UnknownRoom,

    /// <summary>The class of a meeting never changes.</summary>
    OtherClass,

    /// <summary>Somebody has changed it since.</summary>
    OtherVersion,
}

/// <summary>What administrators may do about meetings: the one set of rules for the API and the pages.</summary>
internal sealed class Planner(PlanStore plans, RoomStore rooms)
{
    /// <summary>What is wrong with a room that is not known.</summary>
    public const string UnknownRoom = "rooms are rooms of the organisation";

    /// <summary>Reads a meeting as it was sent.</summary>
    /// <returns>The plan, or what is wrong.</returns>
    public async Task<(MeetingPlan? Plan, BodyFault? Fault)> ReadAsync(OrganisationId organisation, MeetingRequest body, CancellationToken cancel)
    {
        if (MeetingBodies.Read(body, out BodyFault? fault) is not { } plan)
            return (null, fault);
        return await AreKnownAsync(organisation, [.. plan.Rooms, .. plan.HostRooms], cancel) ? (plan, null) : (null, new BodyFault(nameof(MeetingRequest.Rooms), UnknownRoom));
    }

    /// <summary>Puts another plan in the place of the one of a meeting. What differs in single occurrences stays.</summary>
    /// <param name="organisation">Whose it must be.</param>
    /// <param name="meeting">Which.</param>
    /// <param name="version">The version that the one who changes it has seen; any without one.</param>
    /// <param name="plan">The other plan.</param>
    /// <param name="actor">Who.</param>
    /// <param name="now">The present.</param>
    /// <param name="cancel">Gives up.</param>
    public async Task<PlanOutcome> ChangeAsync(OrganisationId organisation, Guid meeting, long? version, MeetingPlan plan, string actor, DateTimeOffset now, CancellationToken cancel)
    {
        bool isOtherClass = false;
        (KeptMeeting? kept, bool isChanged) = await plans.ChangeAsync(
            organisation,
            meeting,
            version,
            before =>
            {
                isOtherClass = before.Class != plan.Class;
                return isOtherClass ? null : plan with { Organiser = before.Organiser, Changes = before.Changes, Elsewhere = before.Elsewhere };
            },
            actor,
            now,
            cancel);
        if (kept is null)
            return PlanOutcome.NotFound;
        return isOtherClass ? PlanOutcome.OtherClass : isChanged ? PlanOutcome.Done : PlanOutcome.OtherVersion;
    }

    /// <summary>Moves, changes or calls off one occurrence of a meeting that repeats, or makes it as the others again.</summary>
    public async Task<PlanOutcome> ChangeOccurrenceAsync(OrganisationId organisation, Guid meeting, DateTime original, OccurrenceRequest body, string actor, DateTimeOffset now, CancellationToken cancel)
    {
        if (!await AreKnownAsync(organisation, body.Rooms ?? [], cancel))
            return PlanOutcome.UnknownRoom;

        (bool isThere, bool isGood) = (true, true);
        (KeptMeeting? kept, _) = await plans.ChangeAsync(
            organisation,
            meeting,
            version: null,
            plan =>
            {
                isThere = Occurrences.Has(plan, original);
                (isGood, PlannedChange? change) = MeetingBodies.Read(body, original, plan);
                isGood &= plan.Changes.Count < MeetingPlan.MaxDates || plan.ChangeOf(original) is not null;
                return isThere && isGood ? plan.With(original, change) : null;
            },
            actor,
            now,
            cancel);
        if (kept is null || !isThere)
            return PlanOutcome.NotFound;
        return isGood ? PlanOutcome.Done : PlanOutcome.Invalid;
    }

    private async Task<bool> AreKnownAsync(OrganisationId organisation, IReadOnlyList<Guid> wanted, CancellationToken cancel)
    {
        foreach (Guid room in wanted.Distinct())
        {
            if (await rooms.FindAsync(organisation, room, cancel) is null)
                return false;
        }

        return true;
    }
}
