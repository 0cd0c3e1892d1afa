using RoomAgent.Meetings;
using RoomAgent.Mls;
using RoomAgent.Wire;

namespace RoomAgent.Agent.Meetings;

// What a host decides. Each decision is sent, and signed again, until the group shows that it is in force.
public sealed partial class MeetingMember
{
    private const int MostWanted = 256;

    private readonly List<WantedAction> _wanted = [];
    private Participant[]? _lobby;

    // Whom we have let in, in this occurrence, and when: a new generation does not ask us again.
    private readonly Dictionary<Participant, (ByteString GroupId, ulong Epoch)> _letIn = [];

    /// <summary>Whether the policy lists us as host.</summary>
    public bool IsHost => (_policy ?? _settings.Invitation.Policy).Hosts.Any(host => host.Name == _self.Name);

    /// <summary>Lets somebody in: it holds for the occurrence, until a host puts it out.</summary>
    /// <param name="who">Key and name, as the lobby shows them.</param>
    /// <param name="time">The present.</param>
    /// <returns>Whether we may.</returns>
    public bool Admit(Participant who, GroupTime time) => Want(HostActionKind.Admit, who, time);

    /// <summary>Puts somebody out.</summary>
    /// <param name="who">Key and name, as the roster shows them.</param>
    /// <param name="time">The present.</param>
    /// <returns>Whether we may.</returns>
    public bool Eject(Participant who, GroupTime time) => Want(HostActionKind.Eject, who, time);

    /// <summary>Lets nobody new in from now on, or lets them in again.</summary>
    /// <param name="locked">Whether to lock.</param>
    /// <param name="time">The present.</param>
    /// <returns>Whether we may.</returns>
    public bool Lock(bool locked, GroupTime time) => Want(locked ? HostActionKind.Lock : HostActionKind.Unlock, null, time);

    /// <summary>Decisions that are not in force yet.</summary>
    public int OpenDecisions => _wanted.Count;

    /// <summary>Since when the oldest of them waits; <see langword="null"/> when none does.</summary>
    public Instant? DecisionOpenSince => _wanted.Count == 0 ? null : _wanted.Min(wanted => wanted.DecidedAt);

    private bool Want(HostActionKind kind, Participant? target, GroupTime time)
    {
        Advance(time);
        if (_group is null || !IsHost || _wanted.Count >= MostWanted)
            return false;

        // The later decision counts.
        _wanted.RemoveAll(wanted => wanted.Target == target && HostAction.NeedsTarget(wanted.Kind) == HostAction.NeedsTarget(kind));
        if (target is { } who)
        {
            if (kind == HostActionKind.Admit)
                _letIn[who] = (_group.GroupId, _generation > 0 ? Math.Max(_group.Epoch, 1) : _group.Epoch);
            else
                _letIn.Remove(who);
        }

        // Who was put out in an earlier generation is listed with epoch 0, so that an admission holds from epoch 1 on.
        ulong since = kind == HostActionKind.Admit && _generation > 0 ? Math.Max(_group.Epoch, 1) : _group.Epoch;
        _wanted.Add(new WantedAction(kind, target, _group.GroupId, since) { DecidedAt = _time.Now });
        Settle();
        return true;
    }

    private void TakeLobby(Lobby lobby)
    {
        if (_group is null || !IsHost)
            return;

        var waiting = new List<(Participant, Credential)>();
        foreach (LobbyEntry entry in lobby.Entries)
        {
            Credential credential = Credential.X509(entry.Credential);
            if (CertificateChain.Read(credential, out CertificateChain? chain) is not null)
                continue;
            if (_settings.Identities.AnchorOf(credential, chain!.Leaf.PublicKey) is null)
                continue;

            var who = new Participant(Participant.HashOfKey(_suite.Crypto, chain.Leaf.PublicKey), ParticipantName.Of(chain.Name));
            if (_letIn.ContainsKey(who))
                Want(HostActionKind.Admit, who, _time);
            else
                waiting.Add((who, credential));
        }

        Participant[] shown = [.. waiting.Select(entry => entry.Item1)];
        if (_lobby is not null && shown.SequenceEqual(_lobby))
            return;

        _lobby = shown;
        _events.Enqueue(new LobbyChanged(waiting));
    }

    // In a new epoch: what is in force is done with, everything else is signed for this one. That somebody was let in before another host put it out
    // counts no more.
    private void SignWantedAgain()
    {
        foreach ((Participant who, (ByteString groupId, ulong epoch)) in _letIn.ToArray())
        {
            if (IsPutOutSince(who, groupId, epoch))
                _letIn.Remove(who);
        }

        _wanted.RemoveAll(wanted => IsInForce(wanted) || IsOverruled(wanted));
        foreach (WantedAction wanted in _wanted)
        {
            // Those that name an epoch are void; an admission stays good.
            if (wanted.Kind != HostActionKind.Admit || wanted.Signed?.Action.GroupId != _group!.GroupId)
                (wanted.Signed, wanted.SentAt) = (null, null);
        }
    }

    private bool IsPutOutSince(Participant who, ByteString groupId, ulong epoch) =>
        _policy!.EjectedAt(who) is { } ejected && (groupId != _group!.GroupId || ejected >= epoch);

    private bool IsOverruled(WantedAction wanted) => wanted.Kind == HostActionKind.Admit && IsPutOutSince(wanted.Target!.Value, wanted.GroupId, wanted.Since);

    private bool IsInForce(WantedAction wanted) => wanted.Kind switch
    {
        HostActionKind.Admit => _group!.Members.Any(member => Participant.Of(_suite.Crypto, member.Leaf) == wanted.Target),
        HostActionKind.Eject => _policy!.EjectedAt(wanted.Target!.Value) >= (wanted.GroupId == _group!.GroupId ? wanted.Since : 0),
        HostActionKind.Lock => _policy!.IsLocked,
        _ => !_policy!.IsLocked,
    };

    private void SendWanted()
    {
        if (Phase != MeetingPhase.InMeeting || !_connected)
            return;

        foreach (WantedAction wanted in _wanted)
        {
            if (wanted.SentAt is { } sent && _time.Now - sent < _times.Retry)
                continue;

            if (wanted.Signed is null)
            {
                HostAction action = HostAction.Create(_group!.GroupId, wanted.Kind, wanted.Target, _group.Epoch, _settings.Random);
                wanted.Signed = SignedHostAction.Sign(_suite, action, _settings.Credential, _settings.SigningKey);
                wanted.MessageId = ++_messageIds;
            }

            wanted.SentAt = _time.Now;
            Send(new HostActionUpload(wanted.MessageId, wanted.Signed));
        }
    }

    private void TakeActionAnswer(Answer answer)
    {
        if (_wanted.FirstOrDefault(wanted => wanted.MessageId == answer.MessageId && wanted.Signed is not null) is not { } action)
            return;

        switch (answer.Outcome)
        {
            // An admission is with the service now. Should it lose it, the lobby shows who waits.
            case AnswerOutcome.Accepted when action.Kind == HostActionKind.Admit:
                _wanted.Remove(action);
                break;
            case AnswerOutcome.Stale when answer.Epoch > _group?.Epoch:
                AskForReplay(); // signed again in the epoch that it tells of
                break;
            case AnswerOutcome.Stale:
                (action.Signed, action.SentAt) = (null, _time.Now - _times.Retry + s_afterBusy);
                break;
            case AnswerOutcome.Invalid:
                _wanted.Remove(action);
                break;
        }
    }

    private sealed class WantedAction(HostActionKind kind, Participant? target, ByteString groupId, ulong since)
    {
        public HostActionKind Kind { get; } = kind;

        public Participant? Target { get; } = target;

        /// <summary>The epoch in which it was decided, and its group.</summary>
        public ulong Since { get; } = since;

        public ByteString GroupId { get; } = groupId;

        public required Instant DecidedAt { get; init; }

        public SignedHostAction? Signed { get; set; }

        public ulong MessageId { get; set; }

        public Instant? SentAt { get; set; }
    }
}
