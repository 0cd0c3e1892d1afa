using RoomAgent.Wire;

namespace RoomAgent.Net.Tests;

/// <summary>A network for a ladder: four transports that can be blocked, with a round trip, in virtual time. Fails when time stands still.</summary>
internal sealed class LadderNetwork
{
    private const int Tcp = 2;
    private const int MostAtOnce = 1_000;
    private static readonly TimeSpan s_mediaEvery = TimeSpan.FromMilliseconds(20);
    private static readonly Instant s_start = new(0);

    private readonly PriorityQueue<Action, (long, int)> _events = new();
    private readonly Dictionary<int, (int Candidate, bool Broken, bool Kept)> _attempts = [];
    private int _order;
    private bool _started;
    private Instant _heard = s_start;

    internal TransportLadder Ladder { get; } = new(4, new LadderSettings());

    internal bool[] Open { get; } = [true, true, true, true];

    /// <summary>Whether what is sent reaches the node; what comes from there is another matter.</summary>
    internal bool[] Out { get; } = [true, true, true, true];

    /// <summary>Whether questions pass where media does not.</summary>
    internal bool QuestionsPass { get; init; }

    internal TimeSpan RoundTrip { get; init; } = TimeSpan.FromMilliseconds(20);

    /// <summary>Whether the node sends media; else nothing comes but answers.</summary>
    internal bool Media { get; init; } = true;

    internal Instant Now { get; private set; } = s_start;

    internal List<(int Candidate, PathCause Cause)> Uses { get; } = [];

    internal TimeSpan FirstUse { get; private set; }

    internal Instant LastUse { get; private set; }

    internal int Opened { get; private set; }

    internal int OpenNow => _attempts.Count;

    internal int CurrentAttempt { get; private set; }

    internal void Run(double seconds)
    {
        Instant end = Now + TimeSpan.FromSeconds(seconds);
        if (!_started)
        {
            _started = true;
            Ladder.Start(Now);
            At(s_mediaEvery, SendMedia);
        }

        Act();
        for (int atOnce = 0; ;)
        {
            Instant next = Instant.Min(Ladder.PollTimeout(), NextEvent());
            if (next > end)
                break;

            atOnce = next > Now ? 0 : atOnce + 1;
            Assert.True(atOnce < MostAtOnce, "Time stands still.");
            if (next > Now)
                Now = next;

            while (NextEvent() <= Now)
                _events.Dequeue()();
            Ladder.HandleTimeout(Now);
            Act();
        }

        Now = end;
    }

    /// <summary>The process does not run; nothing that comes meanwhile is heard.</summary>
    internal void Sleep(TimeSpan time)
    {
        _events.Clear();
        Now += time;
        At(s_mediaEvery, SendMedia);
    }

    /// <summary>The other side resets the open ones of a candidate.</summary>
    internal void Reset(int candidate)
    {
        foreach (int attempt in _attempts.Where(a => a.Value.Candidate == candidate).Select(a => a.Key).ToArray())
            Ladder.HandleFailed(attempt, Now);
    }

    /// <summary>Those that are open carry nothing any more.</summary>
    internal void BreakOpenOnes()
    {
        foreach (int attempt in _attempts.Keys.ToArray())
            _attempts[attempt] = _attempts[attempt] with { Broken = true };
    }

    /// <summary>Those that are open work whatever becomes of the rest.</summary>
    internal void KeepOpenOnes()
    {
        foreach (int attempt in _attempts.Keys.ToArray())
            _attempts[attempt] = _attempts[attempt] with { Kept = true };
    }

    private void Act()
    {
        while (Ladder.TryPoll(out LadderAction action))
        {
            switch (action.Kind)
            {
                case LadderActionKind.Open:
                    Opened++;
                    _attempts.Add(action.Attempt, (action.Candidate, false, false));
                    Connect(action);
                    break;
                case LadderActionKind.Ask:
                    Ask(action.Attempt, Now, repeats: 3);
                    break;
                case LadderActionKind.Use:
                    Assert.Contains(action.Attempt, _attempts);
                    if (Uses.Count == 0)
                        FirstUse = Now - s_start;
                    Uses.Add((action.Candidate, action.Cause));
                    LastUse = Now;
                    CurrentAttempt = action.Attempt;
                    break;
                case LadderActionKind.Close:
                    Assert.True(_attempts.Remove(action.Attempt));
                    break;
            }
        }
    }

    // UDP opens at once, whether or not anything gets through; TCP takes a round trip and TLS three.
    private void Connect(LadderAction action)
    {
        if (action.Candidate < Tcp)
            Ladder.HandleOpened(action.Attempt, Now);
        else if (Open[action.Candidate])
            At(RoundTrip * (action.Candidate == Tcp ? 1 : 3), () => Ladder.HandleOpened(action.Attempt, Now));
    }

    // As the client of STUN does it: again after 200 ms, and after twice that.
    private void Ask(int attempt, Instant asked, int repeats)
    {
        if (Works(attempt) && (QuestionsPass || Out[_attempts[attempt].Candidate]))
        {
            At(RoundTrip, () =>
            {
                if (Works(attempt))
                    Ladder.HandleAnswered(attempt, Now - asked, Now);
            });
        }
        else if (repeats > 0 && _attempts.ContainsKey(attempt))
        {
            At(TimeSpan.FromMilliseconds(200 << (3 - repeats)), () => Ask(attempt, asked, repeats - 1));
        }
    }

    private void SendMedia()
    {
        if (Media && Ladder.Current is not null && Works(CurrentAttempt))
            Ladder.HandleReceived(CurrentAttempt, Now);
        if (Ladder.Current is { } current && Works(CurrentAttempt) && Out[current])
            _heard = Now;
        Ladder.HandleUnheard(Now - _heard, Now);
        At(s_mediaEvery, SendMedia);
    }

    private bool Works(int attempt) => _attempts.TryGetValue(attempt, out (int Candidate, bool Broken, bool Kept) a) && !a.Broken && (a.Kept || Open[a.Candidate]);

    private void At(TimeSpan later, Action what) => _events.Enqueue(what, ((Now + later).Ticks, _order++));

    private Instant NextEvent() => _events.TryPeek(out _, out (long Ticks, int) at) ? new Instant(at.Ticks) : Instant.Never;
}
