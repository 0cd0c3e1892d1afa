using System.Diagnostics.CodeAnalysis;
using RoomAgent.Agent.Room;
using RoomAgent.Mls;
using RoomAgent.Wire;

namespace RoomAgent.Agent.Calendar;

/// <summary>
/// Decides which meeting the room joins and leaves, and when. Without clock and devices: calendars, what happens in the meeting, and time come in; deeds come out.
/// </summary>
/// <remarks>
/// <para>The rules are in <c>Calendar/README.md</c>. After each call take the deeds from <see cref="TryPoll"/>, and ask <see cref="PollTimeout"/> when to call
/// <see cref="HandleTimeout"/>. Dates say when something is due; how long something lasts is counted on the clock that nobody sets, so that a corrected date
/// neither shortens a countdown nor makes a room leave.</para>
/// </remarks>
/// <param name="settings">The times.</param>
public sealed class Agenda(AgendaSettings settings)
{
    private static readonly TimeSpan s_longestSleep = TimeSpan.FromMinutes(1);

    // What people or the hub do not want any more, until it is moved to another time.
    private readonly Dictionary<OccurrenceName, DateTimeOffset> _stopped = [];
    private readonly HashSet<OccurrenceName> _atOnce = [];
    private readonly Queue<AgendaDeed> _deeds = new();
    private GroupTime _time;
    private bool _knowsCalendar;
    private Occurrence? _counted;
    private Instant _countedDown;
    private Present? _present;
    private (OccurrenceName Name, Instant At)? _lost;
    private (OccurrenceName Name, Instant At)? _told;

    /// <summary>What the calendar has, soonest first; what is over is left out.</summary>
    public IReadOnlyList<Occurrence> Entries { get; private set; } = [];

    /// <summary>The meeting that will be joined, and when; <see langword="null"/> when none is about to be.</summary>
    public Countdown? Countdown => HasDate && _counted is { } what ? new Countdown(what, _time.Date + (_countedDown - _time.Now)) : null;

    /// <summary>Until when nothing is joined by itself.</summary>
    public DateTimeOffset? DoNotDisturbUntil { get; private set; }

    /// <summary>5 or 1 minutes before the room's next booking takes the room away from the meeting it is in.</summary>
    public int? NextBookingInMinutes =>
        _present is { } present && NextBooking(present) is { } next && next.StartsAt - _time.Date <= settings.FirstWarning
            ? (int)(next.StartsAt - _time.Date <= settings.LastWarning ? settings.LastWarning : settings.FirstWarning).TotalMinutes
            : null;

    /// <summary>What people decided, which is to outlive a restart (<see cref="AgendaMemory"/>). The same object as long as nothing in it changes.</summary>
    public AgendaNotes Notes { get; private set; } = new(new Dictionary<OccurrenceName, DateTimeOffset>(), null);

    /// <summary>Whether meetings can be joined: there is an account and a certificate. While not, nothing is counted down. A hub that is away for a moment is no reason to wait.</summary>
    public bool IsReady { get; set; }

    /// <summary>When <see cref="HandleTimeout"/> wants to be called.</summary>
    public Instant PollTimeout
    {
        get
        {
            if (Entries.Count == 0 && _present is null && DoNotDisturbUntil is null)
                return Instant.Never;

            // A minute at the most: somebody may set the clock.
            Instant next = _time.Now + s_longestSleep;
            if (_counted is not null)
                next = Instant.Min(next, _countedDown);
            if (_present is { } present)
                next = Instant.Min(next, LeavesAt(present));
            if (_told is { } told && told.At + settings.LastWarning > _time.Now)
                next = Instant.Min(next, told.At + settings.LastWarning);
            if (_lost is { } lost && lost.At + settings.BeforeRejoin > _time.Now)
                next = Instant.Min(next, lost.At + settings.BeforeRejoin);
            foreach (DateTimeOffset at in Dates())
            {
                if (at > _time.Date)
                    next = Instant.Min(next, _time.Now + (at - _time.Date));
            }

            return next > _time.Now ? next : _time.Now + TimeSpan.FromMilliseconds(1);
        }
    }

    /// <summary>Goes on with what people decided before a restart; before the first calendar.</summary>
    public void Recall(AgendaNotes notes)
    {
        Notes = notes;
        foreach ((OccurrenceName name, DateTimeOffset start) in notes.Stopped)
            _stopped[name] = start;
        DoNotDisturbUntil = notes.DoNotDisturbUntil;
    }

    /// <summary>The calendar is this now. Meetings that are not in it any more are left, unless they are not of the calendar.</summary>
    public void HandleCalendar(IReadOnlyList<Occurrence> entries, GroupTime time)
    {
        _time = time;
        Entries = [.. entries.OrderBy(entry => entry.StartsAt).ThenBy(entry => entry.EndsAt)];
        HashSet<OccurrenceName> known = [.. Entries.Select(entry => entry.Name)];
        foreach ((OccurrenceName name, DateTimeOffset start) in _stopped.ToArray())
        {
            if (!Entries.Any(entry => entry.Name == name && entry.StartsAt == start))
                _stopped.Remove(name);
        }

        _atOnce.IntersectWith(known);
        if (!_knowsCalendar)
        {
            // The room was switched on in the middle of these: whoever is in it expects it to come back.
            _atOnce.UnionWith(Entries.Where(entry => !HasDate || entry.StartsAt <= time.Date).Select(entry => entry.Name));
            _knowsCalendar = true;
        }

        if (_present is { IsAdHoc: false } present)
        {
            // What is over by the calendar is not in it any more, and cuts nobody off.
            Occurrence before = present.What;
            if (Entries.FirstOrDefault(entry => entry.Name == before.Name) is { } same)
            {
                present.What = same;
                if (HasDate && same.StartsAt > before.StartsAt && JoinsAt(same) - settings.Countdown > time.Date && !present.IsByHand)
                    Leave(LeaveCause.CalledOff);
            }
            else if (HasDate && before.EndsAt > time.Date)
            {
                Leave(LeaveCause.CalledOff);
            }
        }

        Settle();
    }

    /// <summary>The room is in this meeting, or on its way; <see langword="null"/> when it is in none.</summary>
    /// <param name="name">Which one.</param>
    /// <param name="others">How many others are in it.</param>
    /// <param name="time">The present.</param>
    public void HandleMeeting(OccurrenceName? name, int others, GroupTime time)
    {
        _time = time;
        if (name is not { } there)
        {
            // What was not polled yet has not begun.
            if (_present is { IsBegun: false })
                return;
            if (_present is { IsLeaving: false } lost)
                _lost = (lost.What.Name, time.Now);
            _present = null;
        }
        else if (_present is { } present && present.What.Name == there)
        {
            if (others > 0)
                (present.HadOthers, present.AloneSince) = (true, null);
            else if (present.AloneSince is null)
                present.AloneSince = time.Now;
        }

        Settle();
    }

    /// <summary>The meeting cannot be joined, or the room was put out: it is not tried again by itself.</summary>
    public void HandleRefused(OccurrenceName name, GroupTime time)
    {
        _time = time;
        Stop(name);
        Settle();
    }

    /// <summary>Does what is due.</summary>
    public void HandleTimeout(GroupTime time)
    {
        _time = time;
        Settle();
    }

    /// <summary>Somebody in the room does not want the meeting whose countdown runs, or the booking that is announced.</summary>
    /// <returns>Whether there is one.</returns>
    public bool StopCountdown(GroupTime time)
    {
        _time = time;
        Occurrence? stopped = _counted ?? (_present is { } present && NextBookingInMinutes is not null ? NextBooking(present) : null);
        if (stopped is null)
            return false;

        Stop(stopped.Name);
        _counted = null;
        Settle();
        return true;
    }

    /// <summary>Joins a meeting of the calendar at once; without a name the one that runs, or the next one that is open.</summary>
    /// <returns>Whether there is such a meeting.</returns>
    public bool Join(OccurrenceName? name, GroupTime time)
    {
        _time = time;
        Occurrence? what = Entries.LastOrDefault(entry => IsOurs(entry) && IsOpen(entry) && entry.EndsAt > time.Date && (name is null ? entry.StartsAt <= time.Date : entry.Name == name))
            ?? (name is null ? Entries.FirstOrDefault(entry => IsOurs(entry) && IsOpen(entry) && entry.EndsAt > time.Date) : null);
        if (what is null)
            return false;
        if (IsIn(what.Name))
            return true;

        _stopped.Remove(what.Name);
        Begin(what, isAdHoc: false, isByHand: true);
        Settle();
        return true;
    }

    /// <summary>Joins a meeting that is not in the calendar.</summary>
    /// <returns>Whether it can be joined.</returns>
    public bool JoinAdHoc(Occurrence what, GroupTime time)
    {
        _time = time;
        if (!IsOurs(what))
            return false;
        if (IsIn(what.Name))
            return true;

        Begin(what, isAdHoc: true, isByHand: true);
        Settle();
        return true;
    }

    /// <summary>Leaves the meeting; it is not joined again by itself.</summary>
    public void Leave(GroupTime time)
    {
        _time = time;
        Leave(LeaveCause.Wish);
        Settle();
    }

    /// <summary>Joins nothing by itself for a while; <see cref="TimeSpan.Zero"/> ends that.</summary>
    public void DoNotDisturb(TimeSpan howLong, GroupTime time)
    {
        _time = time;
        DoNotDisturbUntil = howLong > TimeSpan.Zero ? time.Date + howLong : null;
        Settle();
    }

    /// <summary>What is to be done.</summary>
    public bool TryPoll([NotNullWhen(true)] out AgendaDeed? deed)
    {
        if (!_deeds.TryDequeue(out deed))
            return false;

        if (deed is JoinNow join && _present is { } present && present.What.Name == join.What.Name)
            present.IsBegun = true;
        return true;
    }

    private bool HasDate => _time.Date != GroupTime.NoDate;

    private void Settle()
    {
        if (HasDate)
            Decide();
        if (Notes.DoNotDisturbUntil != DoNotDisturbUntil || Notes.Stopped.Count != _stopped.Count || _stopped.Any(stop => !Notes.Stopped.TryGetValue(stop.Key, out DateTimeOffset start) || start != stop.Value))
            Notes = new AgendaNotes(new Dictionary<OccurrenceName, DateTimeOffset>(_stopped), DoNotDisturbUntil);
    }

    // 1. what takes the room away from its meeting   2. what is joined   3. what is counted down
    private void Decide()
    {
        if (DoNotDisturbUntil <= _time.Date)
            DoNotDisturbUntil = null;
        if (_present is { IsLeaving: false } present)
        {
            Occurrence? next = NextBooking(present);
            if (next is null || NextBookingInMinutes is null)
                _told = null;
            else if (_told?.Name != next.Name)
                _told = (next.Name, _time.Now);

            // A booking that was made just now, or a clock that was set, takes nobody's room without a word.
            if (next is not null && next.StartsAt <= _time.Date && _told is { } told && told.At + settings.LastWarning <= _time.Now)
            {
                // Whoever is in the room was told: the next meeting begins without a countdown.
                _atOnce.Add(next.Name);
                Leave(LeaveCause.NextBooking);
            }
            else if (LeavesAt(present) <= _time.Now)
            {
                Leave(LeaveCause.Alone);
            }
        }

        if (_present is not null || DoNotDisturbUntil is not null || !IsReady || Due() is not { } due)
        {
            _counted = null;
            return;
        }

        if (_atOnce.Contains(due.Name) && due.StartsAt <= _time.Date)
        {
            Begin(due, isAdHoc: false);
            return;
        }

        if (_counted?.Name != due.Name)
        {
            TimeSpan until = JoinsAt(due) - _time.Date;
            _countedDown = _time.Now + (until > settings.Countdown ? until : settings.Countdown);
        }

        _counted = due;
        if (_countedDown <= _time.Now)
            Begin(due, isAdHoc: false);
    }

    // The booking that has the room now, or is about to: of several the one that began last.
    private Occurrence? Due()
    {
        Occurrence? due = null;
        foreach (Occurrence entry in Entries)
        {
            if (JoinsAt(entry) - settings.Countdown <= _time.Date && entry.EndsAt > _time.Date && !_stopped.ContainsKey(entry.Name))
                due = entry;
        }

        if (due is null || !IsOurs(due))
            return null;
        return _lost is { } lost && lost.Name == due.Name && _time.Now - lost.At < settings.BeforeRejoin ? null : due;
    }

    // The booking that will take the room away from the meeting it is in.
    private Occurrence? NextBooking(Present present) =>
        Entries.FirstOrDefault(entry => entry.StartsAt > present.Since && entry.Name != present.What.Name && entry.EndsAt > _time.Date && !_stopped.ContainsKey(entry.Name));

    private Instant LeavesAt(Present present)
    {
        if (present.IsLeaving || present.AloneSince is not { } since)
            return Instant.Never;
        if (present.HadOthers)
            return since + settings.Alone;
        if (present.IsAdHoc)
            return since + settings.NobodyCame;

        // Nobody came yet: somebody may be late.
        Instant end = _time.Now + (present.What.EndsAt - _time.Date);
        return (end > since ? end : since) + settings.Alone;
    }

    // Not before the hub lets anybody in.
    private DateTimeOffset JoinsAt(Occurrence entry)
    {
        DateTimeOffset early = entry.StartsAt - settings.JoinsBefore;
        return early > entry.OpensAt ? early : entry.OpensAt;
    }

    private bool IsIn(OccurrenceName name) => _present is { IsLeaving: false } present && present.What.Name == name;

    private bool IsOpen(Occurrence entry) => entry.OpensAt <= _time.Date;

    private static bool IsOurs(Occurrence entry) => entry.Policy is not null;

    private void Begin(Occurrence what, bool isAdHoc, bool isByHand = false)
    {
        // Who goes to another meeting by hand has left this one.
        if (_present is { IsAdHoc: false } before)
            Stop(before.What.Name);
        _counted = null;
        (_lost, _told) = (null, null);
        _atOnce.Add(what.Name);
        DateTimeOffset since = isAdHoc || what.StartsAt < _time.Date ? _time.Date : what.StartsAt;
        _present = new Present(what) { IsAdHoc = isAdHoc, IsByHand = isByHand, Since = since, AloneSince = _time.Now };
        _deeds.Enqueue(new JoinNow(what));
    }

    private void Leave(LeaveCause cause)
    {
        if (_present is not { IsLeaving: false } present)
            return;

        present.IsLeaving = true;
        if (cause != LeaveCause.CalledOff)
            Stop(present.What.Name);
        _deeds.Enqueue(new LeaveNow(cause));
    }

    private void Stop(OccurrenceName name)
    {
        if (Entries.FirstOrDefault(entry => entry.Name == name) is { } entry)
            _stopped[name] = entry.StartsAt;
    }

    private IEnumerable<DateTimeOffset> Dates()
    {
        foreach (Occurrence entry in Entries)
        {
            yield return JoinsAt(entry) - settings.Countdown;
            yield return JoinsAt(entry);
            yield return entry.StartsAt - settings.FirstWarning;
            yield return entry.StartsAt - settings.LastWarning;
            yield return entry.StartsAt;
            yield return entry.EndsAt;
        }

        if (DoNotDisturbUntil is { } until)
            yield return until;
    }

    // The meeting that the room is in, or on its way into.
    private sealed class Present(Occurrence what)
    {
        public Occurrence What { get; set; } = what;

        public required bool IsAdHoc { get; init; }

        public required bool IsByHand { get; init; }

        // Bookings that begin later take the room away.
        public required DateTimeOffset Since { get; init; }

        public Instant? AloneSince { get; set; }

        public bool HadOthers { get; set; }

        // Whether the room was told.
        public bool IsBegun { get; set; }

        public bool IsLeaving { get; set; }
    }
}
