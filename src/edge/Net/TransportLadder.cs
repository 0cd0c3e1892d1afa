using RoomAgent.Wire;

namespace RoomAgent.Net;

/// <summary>Decides which transport carries the media (requirements G07, G08, G12). It knows no sockets and no clock: things happen, time passes, and it says what to do.</summary>
/// <remarks>
/// <para>
/// <b>Race</b>, when one is needed: candidates start one after the other, best first, those that the probe found blocked last. The first that answers is used,
/// unless a better one still has patience. <b>Life</b>: the one in use is asked when it is silent; silent for longer, the others are warmed; then it is dead.
/// <b>Way out</b>: when for longer than that nothing shows that what is sent arrives, another one is searched, though something comes: what comes goes on meanwhile.
/// <b>Return</b>: on a worse one the better ones are tried at intervals, and used after several answers; one that dies again soon is tried less often.
/// <b>Own address changed</b>: everything starts anew on new sockets while the old one serves as long as it lives.
/// </para>
/// <para>After each call of a handler poll the actions. Nothing is allocated while nothing changes. One caller at a time.</para>
/// </remarks>
public sealed class TransportLadder
{
    private readonly LadderSettings _settings;
    private readonly Candidate[] _candidates;
    private readonly List<LadderAttempt> _attempts = [];
    private readonly Queue<LadderAction> _actions = [];
    private LadderAttempt? _current;
    private Instant _now;
    private Instant _usedSince;
    private PathCause _usedBecause;
    private int _generation;
    private int _lastId;
    private bool _racing;
    private PathCause _cause;
    private Instant _nextStep;
    private Instant _raceEnd;

    /// <summary>A ladder that does nothing before <see cref="Start"/>.</summary>
    /// <param name="candidates">How many transports there are; 0 is the best.</param>
    /// <param name="settings">The times.</param>
    /// <exception cref="ArgumentOutOfRangeException">There are none.</exception>
    public TransportLadder(int candidates, LadderSettings settings)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(candidates, 1);
        _settings = settings;
        _candidates = [.. Enumerable.Range(0, candidates).Select(_ => new Candidate { Interval = settings.UpgradeInterval })];
    }

    /// <summary>Which candidate is in use; <see langword="null"/> for none.</summary>
    public int? Current => _current?.Candidate;

    /// <summary>Tells what a probe found; it only changes the order of the next race.</summary>
    public void Learn(int candidate, bool reachable) => _candidates[candidate].BelievedBlocked = !reachable;

    /// <summary>A path is wanted.</summary>
    public void Start(Instant now)
    {
        _now = now;
        BeginRace(PathCause.Started);
        Run();
    }

    /// <summary>A transport is open.</summary>
    public void HandleOpened(int attempt, Instant now)
    {
        _now = now;
        if (Find(attempt) is { Phase: AttemptPhase.Opening } opened)
        {
            opened.Phase = AttemptPhase.Asked;
            opened.LastHeard = now;
            Do(LadderActionKind.Ask, opened);
        }

        Run();
    }

    /// <summary>A transport could not be opened, or ended.</summary>
    public void HandleFailed(int attempt, Instant now)
    {
        _now = now;
        if (Find(attempt) is { } failed)
            End(failed, PathCause.Failed);

        Run();
    }

    /// <summary>A binding request was answered.</summary>
    /// <param name="attempt">Over which transport.</param>
    /// <param name="roundTrip">How long it took at the most: doubt and death wait for two and three of it.</param>
    /// <param name="now">The time.</param>
    public void HandleAnswered(int attempt, TimeSpan roundTrip, Instant now)
    {
        _now = now;
        if (Find(attempt) is { Phase: not AttemptPhase.Opening } answered)
        {
            Hear(answered);
            answered.RoundTrip = roundTrip < _settings.LongestRoundTrip ? roundTrip : _settings.LongestRoundTrip;
            answered.Answers++;
            if (answered.Phase == AttemptPhase.Asked)
            {
                answered.Phase = AttemptPhase.Alive;
                answered.NextAsk = now + _settings.ConfirmEvery;
            }
        }

        Run();
    }

    /// <summary>Anything came over a transport.</summary>
    public void HandleReceived(int attempt, Instant now)
    {
        _now = now;
        if (Find(attempt) is { Phase: AttemptPhase.Alive } heard)
            Hear(heard);

        Run();
    }

    /// <summary>Media is being sent over the one in use, and for <paramref name="unheard"/> the node has not shown that any of it arrives.</summary>
    public void HandleUnheard(TimeSpan unheard, Instant now)
    {
        _now = now;
        if (_current is { } current && !_racing)
        {
            TimeSpan longest = DeadAfter(current) + _settings.UnheardMargin;
            if (unheard >= longest && now - _usedSince >= longest)
                GiveUpSending(current);
        }

        Run();
    }

    /// <summary>The own addresses changed: what was blocked may not be, and what worked may be gone.</summary>
    public void HandleAddressChange(Instant now)
    {
        _now = now;
        _generation++;
        foreach (Candidate candidate in _candidates)
            candidate.Forget(_settings.UpgradeInterval);

        CloseOthers();
        BeginRace(PathCause.AddressChanged);
        Run();
    }

    /// <summary>Time has passed.</summary>
    public void HandleTimeout(Instant now)
    {
        _now = now;
        Run();
    }

    /// <summary>The next thing to do.</summary>
    public bool TryPoll(out LadderAction action) => _actions.TryDequeue(out action);

    /// <summary>When <see cref="HandleTimeout"/> wants to be called.</summary>
    public Instant PollTimeout()
    {
        Instant next = Instant.Never;
        foreach (LadderAttempt attempt in _attempts)
            next = Instant.Min(next, TimeoutOf(attempt));

        if (_racing)
        {
            next = Instant.Min(next, NextLaunch());
            if (_current is not null)
                next = Instant.Min(next, _raceEnd);
        }
        else if (_current is not null)
        {
            for (int i = 0; i < _current.Candidate; i++)
            {
                if (!IsTried(i))
                    next = Instant.Min(next, _candidates[i].UpgradeAt);
            }
        }

        return next;
    }

    private Instant TimeoutOf(LadderAttempt attempt)
    {
        switch (attempt.Phase)
        {
            case AttemptPhase.Lingering:
                return attempt.CloseAt;
            case AttemptPhase.Opening or AttemptPhase.Asked:
                Instant patience = attempt.Started + _settings.Patience;
                return patience > _now ? patience : attempt.Started + _settings.TryLimit;
        }

        Instant dead = attempt.LastHeard + DeadAfter(attempt);
        if (attempt != _current)
            return Instant.Min(attempt.NextAsk, dead);
        if (!attempt.Questioned)
            return attempt.LastHeard + _settings.AskAfter;

        return _racing ? dead : Instant.Min(dead, attempt.LastHeard + WarmAfter(attempt));
    }

    // 1. What has gone on for too long ends.  2. The one in use is asked, doubted, given up.  3. A race goes on.  4. Or better ones are tried.  5. One is chosen.
    private void Run()
    {
        for (int i = _attempts.Count - 1; i >= 0; i--)
            Age(_attempts[i]);

        Watch();
        if (_racing)
            Race();
        else
            TryBetter();

        Choose();
    }

    private void Age(LadderAttempt attempt)
    {
        bool late = attempt.Phase switch
        {
            AttemptPhase.Lingering => _now >= attempt.CloseAt,
            AttemptPhase.Opening or AttemptPhase.Asked => _now >= attempt.Started + _settings.TryLimit,
            _ => attempt != _current && _now >= attempt.LastHeard + DeadAfter(attempt),
        };
        if (late)
        {
            End(attempt, PathCause.Died);
            return;
        }

        if (attempt.Phase == AttemptPhase.Alive && attempt != _current && _now >= attempt.NextAsk)
        {
            attempt.NextAsk = _now + _settings.ConfirmEvery;
            Do(LadderActionKind.Ask, attempt);
        }
    }

    private void Watch()
    {
        if (_current is not { } current)
            return;

        TimeSpan silence = _now - current.LastHeard;
        if (silence >= _settings.AskAfter && !current.Questioned)
        {
            // Whoever was not woken in time has not asked in time: the silence counts from the question at the latest.
            current.LastHeard = _now - _settings.AskAfter;
            current.Questioned = true;
            Do(LadderActionKind.Ask, current);
        }
        else if (current.Questioned && silence >= DeadAfter(current))
        {
            End(current, PathCause.Died);
        }
        else if (current.Questioned && silence >= WarmAfter(current) && !_racing)
        {
            BeginRace(PathCause.Died);
        }
    }

    private void Race()
    {
        if (_current is not null && _now >= _raceEnd)
        {
            // The old one outlived the search for a new one.
            _current.Generation = _generation;
            EndRace();
            return;
        }

        if (_now >= _nextStep && NextCandidate() is { } next)
        {
            Launch(next);
            _nextStep = _now + _settings.RaceStep;
        }
    }

    private void TryBetter()
    {
        if (_current is null)
            return;

        for (int i = 0; i < _current.Candidate; i++)
        {
            if (_now < _candidates[i].UpgradeAt || IsTried(i))
                continue;

            _candidates[i].UpgradeAt = _now + _candidates[i].Interval;
            Launch(i);
        }
    }

    private void Choose()
    {
        LadderAttempt? best = null;
        foreach (LadderAttempt attempt in _attempts)
        {
            bool ready = attempt.Phase == AttemptPhase.Alive && attempt != _current && attempt.Generation == _generation
                && (_racing || attempt.Answers >= _settings.Confirmations);
            if (ready && (best is null || attempt.Candidate < best.Candidate))
                best = attempt;
        }

        if (best is null || (_racing && _current is not null && _current.Generation == _generation))
            return;
        if (!_racing && _current is not null && best.Candidate >= _current.Candidate)
            return;

        foreach (LadderAttempt attempt in _attempts)
        {
            if (attempt.IsRunning && attempt.Candidate < best.Candidate && _now < attempt.Started + _settings.Patience)
                return;
        }

        Use(best, _racing ? _cause : PathCause.BetterAgain);
    }

    private void Use(LadderAttempt best, PathCause cause)
    {
        if (_current is { } old)
        {
            old.Phase = AttemptPhase.Lingering;
            old.CloseAt = _now + _settings.Linger;
        }

        _current = best;
        _usedSince = _now;
        _usedBecause = cause;
        best.Questioned = false;
        _actions.Enqueue(new LadderAction(LadderActionKind.Use, best.Id, best.Candidate, cause));
        EndRace();

        for (int i = 0; i < best.Candidate; i++)
            _candidates[i].UpgradeAt = _now + _candidates[i].Interval;
    }

    private void End(LadderAttempt attempt, PathCause cause)
    {
        _attempts.Remove(attempt);
        _actions.Enqueue(new LadderAction(LadderActionKind.Close, attempt.Id, attempt.Candidate, cause));
        if (attempt.Phase == AttemptPhase.Lingering)
            return;

        Candidate candidate = _candidates[attempt.Candidate];
        candidate.RestUntil = _now + _settings.RetryWhileDown;
        _nextStep = _now;
        if (attempt != _current)
            return;

        Discourage(candidate);
        _current = null;
        if (_racing)
            _cause = _cause == PathCause.AddressChanged ? _cause : cause;
        else
            BeginRace(cause);
    }

    // It still brings what the others send: it serves until another answers, and itself takes no part in the search.
    private void GiveUpSending(LadderAttempt current)
    {
        current.Generation = _generation - 1;
        Candidate candidate = _candidates[current.Candidate];
        Discourage(candidate);
        BeginRace(PathCause.Died);
        candidate.RestUntil = _raceEnd;
    }

    // Of the one in use. Died again soon after it came back: try it less often. Else it starts with a clean slate.
    private void Discourage(Candidate candidate)
    {
        TimeSpan doubled = candidate.Interval * 2;
        bool soon = _usedBecause == PathCause.BetterAgain && _now - _usedSince < _settings.FlapWindow;
        candidate.Interval = !soon ? _settings.UpgradeInterval : doubled < _settings.LongestUpgradeInterval ? doubled : _settings.LongestUpgradeInterval;
    }

    private void BeginRace(PathCause cause)
    {
        _racing = true;
        _cause = cause;
        _nextStep = _now;
        _raceEnd = _now + (2 * _settings.TryLimit);
    }

    private void EndRace()
    {
        _racing = false;
        CloseOthers();
    }

    private void CloseOthers()
    {
        for (int i = _attempts.Count - 1; i >= 0; i--)
        {
            LadderAttempt other = _attempts[i];
            if (other == _current || other.Phase == AttemptPhase.Lingering)
                continue;

            _attempts.RemoveAt(i);
            _actions.Enqueue(new LadderAction(LadderActionKind.Close, other.Id, other.Candidate, _cause));
        }
    }

    private void Hear(LadderAttempt attempt)
    {
        attempt.LastHeard = _now;
        attempt.Questioned = false;

        // A race because of doubt ends with the doubt.
        if (attempt == _current && _racing && _current.Generation == _generation)
            EndRace();
    }

    private void Launch(int candidate)
    {
        var attempt = new LadderAttempt(++_lastId, candidate, _generation, _now);
        _attempts.Add(attempt);
        Do(LadderActionKind.Open, attempt);
    }

    // Best first, those that are believed to be blocked last.
    private int? NextCandidate()
    {
        int? blocked = null;
        for (int i = 0; i < _candidates.Length; i++)
        {
            if (IsTried(i) || _now < _candidates[i].RestUntil)
                continue;
            if (!_candidates[i].BelievedBlocked)
                return i;

            blocked ??= i;
        }

        return blocked;
    }

    private Instant NextLaunch()
    {
        Instant next = Instant.Never;
        for (int i = 0; i < _candidates.Length; i++)
        {
            if (!IsTried(i))
                next = Instant.Min(next, _candidates[i].RestUntil > _nextStep ? _candidates[i].RestUntil : _nextStep);
        }

        return next;
    }

    private bool IsTried(int candidate)
    {
        foreach (LadderAttempt attempt in _attempts)
        {
            if (attempt.Candidate == candidate && attempt.Generation == _generation && attempt.Phase != AttemptPhase.Lingering)
                return true;
        }

        return false;
    }

    private LadderAttempt? Find(int id)
    {
        foreach (LadderAttempt attempt in _attempts)
        {
            if (attempt.Id == id)
                return attempt;
        }

        return null;
    }

    private void Do(LadderActionKind kind, LadderAttempt attempt) => _actions.Enqueue(new LadderAction(kind, attempt.Id, attempt.Candidate, _cause));

    // On a long way an answer takes its time, which is no reason for doubt.
    private TimeSpan WarmAfter(LadderAttempt attempt) => Longer(_settings.WarmAfter, _settings.AskAfter + (2 * attempt.RoundTrip));

    private TimeSpan DeadAfter(LadderAttempt attempt) => Longer(_settings.DeadAfter, _settings.AskAfter + (3 * attempt.RoundTrip));

    private static TimeSpan Longer(TimeSpan left, TimeSpan right) => left > right ? left : right;

    private sealed class Candidate
    {
        internal bool BelievedBlocked { get; set; }

        internal TimeSpan Interval { get; set; }

        internal Instant RestUntil { get; set; } = new(long.MinValue);

        internal Instant UpgradeAt { get; set; } = new(long.MinValue);

        internal void Forget(TimeSpan interval)
        {
            BelievedBlocked = false;
            Interval = interval;
            RestUntil = new Instant(long.MinValue);
            UpgradeAt = new Instant(long.MinValue);
        }
    }
}
