using RoomAgent.Meetings;
using RoomAgent.Mls;
using RoomAgent.Wire;

namespace RoomAgent.Agent.Meetings;

// What time brings: pings, retries, heartbeats, and who was not heard of.
public sealed partial class MeetingMember
{
    private readonly Dictionary<LeafIndex, Instant> _heard = [];
    private readonly Dictionary<LeafIndex, MemberState> _states = [];
    private readonly HashSet<(LeafIndex Leaf, bool IsAlarm)> _reported = [];
    private Instant _pingAt;
    private Instant _heartbeatAt;
    private Instant _epochSince;
    private ulong? _reportedEpoch;

    /// <summary>When <see cref="HandleTimeout"/> wants to be called next; <see cref="Instant.Never"/> when nothing waits.</summary>
    public Instant PollTimeout()
    {
        Instant next = Instant.Never;
        void consider(Instant? at)
        {
            if (at is { } moment && moment > _time.Now)
                next = Instant.Min(next, moment);
        }

        if (Phase == MeetingPhase.Left)
            return next;

        if (MaySend)
            consider(_lastHeard + _times.ServiceSilence);
        if (_group is not null)
        {
            consider(_codes.PollTimeout());
            consider(NextUnconfirmed());
        }

        if (!_connected)
            return next;

        consider(_pingAt);
        consider(DueAt());
        consider(_returnAt);
        consider(_greetedAt + _times.Retry);
        consider(_askedAt + _times.Ping);
        consider(_founding?.SentAt + _times.Retry);
        consider(_pending?.SentAt + _times.Retry);
        foreach (WantedAction wanted in _wanted)
            consider(wanted.SentAt + _times.Retry);
        if (Phase == MeetingPhase.InMeeting)
            consider(_heartbeatAt);
        return next;
    }

    /// <summary>Whether a member has said in this epoch that it is in the same state as we.</summary>
    public bool IsConfirmed(LeafIndex leaf) => _group is { } group && (leaf == group.Self || (_heard.ContainsKey(leaf) && !IsSilent(leaf, isAlarm: false)));

    /// <summary>Whether a member has not said so for so long that people are told (MEETING section 6).</summary>
    /// <param name="leaf">The member.</param>
    /// <param name="isAlarm">For so long that they are warned.</param>
    public bool IsSilent(LeafIndex leaf, bool isAlarm) => _group is { } group && _reportedEpoch == group.Epoch && _reported.Contains((leaf, isAlarm));

    /// <summary>What a member said last of itself: <see cref="MemberState.Unseen"/> before it said anything.</summary>
    public MemberState StateOf(LeafIndex leaf) => leaf == _group?.Self ? OwnState : _states.GetValueOrDefault(leaf, MemberState.Unseen);

    // Everything that follows from what just happened or from time.
    private void Settle()
    {
        if (Phase == MeetingPhase.Left)
            return;

        Instant now = _time.Now;
        SetMaySend(Phase == MeetingPhase.InMeeting && now - _lastHeard < _times.ServiceSilence);
        WatchMembers(now);
        if (!_connected)
            return;

        if (_pingAt <= now)
        {
            _pingAt = now + _times.Ping;
            Send(new Ping(_generation, _group?.Epoch ?? 0, _group is not null && Phase == MeetingPhase.InMeeting));
        }

        AskAgain(now);
        SendWanted();
        CommitWhenDue();
        if (Phase == MeetingPhase.InMeeting && _heartbeatAt <= now)
            SendHeartbeat(now);
    }

    private void AskAgain(Instant now)
    {
        // Until it has answered our greeting the service does not listen to us.
        if (!_greeted && (_greetedAt is not { } last || now - last >= _times.Retry))
            Greet();

        switch (Phase)
        {
            case MeetingPhase.Greeting when _greetedAt is not { } greeted || now - greeted >= _times.Retry:
                Greet();
                break;
            case MeetingPhase.Lobby or MeetingPhase.Pending when _askedAt is not { } asked || now - asked >= _times.Ping:
                _askedAt = now;
                Greet();
                break;
            case MeetingPhase.Founding when _founding is { } founding && now - founding.SentAt >= _times.Retry:
                SendFounding(founding);
                break;
            case MeetingPhase.Founding when _founding is null:
                Phase = MeetingPhase.Greeting;
                break;
            case MeetingPhase.Returning when _returnAt is not { } at || at <= now:
                ReturnAgain(now);
                break;
            case MeetingPhase.ServiceBehind when _greetedAt is not { } greeted || now - greeted >= _times.Ping:
                Greet();
                break;
        }

        if (_pending is not { } pending || (pending.SentAt is { } sent && now - sent < _times.Retry))
            return;

        pending.SentAt = now;
        if (pending.AcceptedAs > _lastSeq)
            AskForReplay();
        else
            Send(pending.Upload);
    }

    // The same commit again, if it may only have been lost; else everything from the beginning.
    private void ReturnAgain(Instant now)
    {
        _returnAt = now + _times.Retry;
        if (_return is { } returned)
            Send(returned.Upload);
        else
            Greet();
    }

    private void SendHeartbeat(Instant now)
    {
        _heartbeatAt = now + _times.Heartbeat;
        var heartbeat = new Heartbeat(_group!.Epoch, _group.Context.ConfirmedTranscriptHash, OwnState);
        Send(new Relay(_generation, _group.Epoch, ByteString.Owning(_group.Protect(heartbeat.Encode()).Encode())));
    }

    private void TakeRelayed(Relayed relayed)
    {
        // Handshakes come by the log alone, whatever is passed on to us.
        if (_group is null || relayed.Generation != _generation || MlsMessage.Decode(relayed.Message) is not { ContentType: ContentType.Application } message)
            return;
        if (_group.Receive(message, Timeless, out Received? received) is not null || received is not ApplicationMessage application)
            return;
        if (application.Epoch != _group.Epoch || Heartbeat.Decode(application.Data) is not { } heartbeat || heartbeat.Epoch != _group.Epoch)
            return;

        if (heartbeat.ConfirmedTranscriptHash != _group.Context.ConfirmedTranscriptHash)
        {
            _events.Enqueue(new ForkSeen(application.Sender));
            return;
        }

        bool isNews = !IsConfirmed(application.Sender) || StateOf(application.Sender) != heartbeat.State;
        _heard[application.Sender] = _time.Now;
        _reported.Remove((application.Sender, false));
        _reported.Remove((application.Sender, true));
        _states[application.Sender] = heartbeat.State;
        if (isNews)
            _events.Enqueue(new MemberHeard(application.Sender));
    }

    private void WatchMembers(Instant now)
    {
        if (_group is not { } group)
            return;

        if (_reportedEpoch != group.Epoch)
        {
            _reported.Clear();
            _reportedEpoch = group.Epoch;
        }

        foreach ((LeafIndex leaf, _) in group.Members)
        {
            TimeSpan silent = now - SilentSince(leaf);
            if (leaf == group.Self || silent < _times.Unconfirmed)
                continue;

            if (_reported.Add((leaf, false)))
                _events.Enqueue(new MemberUnconfirmed(leaf, IsAlarm: false));
            if (silent >= _times.UnconfirmedAlarm && _reported.Add((leaf, true)))
                _events.Enqueue(new MemberUnconfirmed(leaf, IsAlarm: true));
        }
    }

    private Instant SilentSince(LeafIndex leaf) => _heard.TryGetValue(leaf, out Instant heard) ? heard : _epochSince;

    private Instant? NextUnconfirmed()
    {
        Instant? next = null;
        foreach ((LeafIndex leaf, _) in _group!.Members)
        {
            if (leaf == _group.Self)
                continue;

            Instant since = SilentSince(leaf);
            foreach (Instant at in new[] { since + _times.Unconfirmed, since + _times.UnconfirmedAlarm })
            {
                if (at > _time.Now && (next is null || at < next))
                    next = at;
            }
        }

        return next;
    }
}
