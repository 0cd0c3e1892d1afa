using RoomAgent.Meetings;
using RoomAgent.Mls;
using RoomAgent.Wire;

namespace RoomAgent.Hub.Meetings;

// What members say beside their commits: that they are ready, alive, unwilling or going, to each other, and as hosts.
public sealed partial class MeetingDesk
{
    private void MarkReady(Seat seat, uint generation, ulong epoch)
    {
        if (_group is null || generation != Generation || epoch > _group.Epoch || PresenceOf(seat) is not { } presence || presence.Seat != seat)
            return;
        if (presence.Welcome is { } welcome && epoch < welcome.Epoch)
            return;

        _requestsChanged |= presence.ReadyEpoch is null && _requests.Count > 0;
        _lobbyChanged |= presence.ReadyEpoch is null;
        presence.Welcome = null;
        presence.ReadyEpoch = presence.ReadyEpoch is { } before ? Math.Max(before, epoch) : epoch;
    }

    private void TakePing(Seat seat, Ping ping)
    {
        if (!IsOpen)
            return;

        Send(seat, new Pong(Seq));
        if (PresenceOf(seat) is not { } presence || presence.Seat != seat)
            return;

        if (ping.IsMember)
        {
            MarkReady(seat, ping.Generation, ping.Epoch);
        }
        else if (presence.ReadyEpoch is not null)
        {
            // It lost what it had.
            presence.ReadyEpoch = null;
            presence.Since = _now;
        }

        // What was sent once may have been lost.
        OpenRequest[] visible = [.. _requests.Where(request => request.DeliveredAt is not null)];
        if (visible.Length > 0 && ping.IsMember)
            Send(seat, Describe(visible));
        if (ping.IsMember && IsHostPresent(presence) && DescribeLobby() is { Entries.Count: > 0 } lobby)
            Send(seat, lobby);
        if (_switched && ping.IsMember)
            Send(seat, new SwitchKeys(Generation, _group!.Epoch));
    }

    private void TakeRefusal(Seat seat, Refuse refuse)
    {
        if (_group is null || PresenceOf(seat) is not { } presence)
            return;
        if (_requests.FirstOrDefault(request => request.Request.Id == refuse.Request && request.Request.Kind == RequestKind.Add) is not { } refused)
            return;

        refused.RefusedBy.Add(presence.SignatureKey);
        if (refused.RefusedBy.Count * 3 >= _group.MemberCount || IsHostPresent(presence))
            Withdraw(refused);
    }

    private void TakeLeave(Seat seat)
    {
        seat.WantsIn = false;
        if (_requests.RemoveAll(request => request.Seat == seat) > 0)
            _requestsChanged = true;
        if (PresenceOf(seat) is not { } presence)
            return;

        presence.HasLeft = true;
        presence.Welcome = null;
    }

    private void PassOn(Seat seat, Relay relay)
    {
        if (_group is null || relay.Generation != Generation || PresenceOf(seat) is not { HasLeft: false })
            return;

        if (_now - seat.RelayedSince >= TimeSpan.FromSeconds(1))
            (seat.Relayed, seat.RelayedSince) = (0, _now);
        if (++seat.Relayed > _settings.RelayedPerSecond)
        {
            Refusals++;
            return;
        }

        var message = new Relayed(relay.Generation, relay.Epoch, relay.Message);
        foreach (Presence presence in _presences.Values)
        {
            if (presence.Seat is { } other && other != seat)
                Send(other, message);
        }
    }

    private void TakeHostAction(Seat seat, HostActionUpload upload, ByteString hash)
    {
        if (IsRepeat(seat, upload.MessageId, hash))
            return;
        if (!IsOpen || _group is null)
        {
            Reply(seat, upload.MessageId, AnswerOutcome.Busy, ServiceCode.None);
            return;
        }

        SignedHostAction signed = upload.Action;
        if (signed.Action.GroupId != _group.Context.GroupId)
        {
            Answer(seat, upload.MessageId, hash, AnswerOutcome.Stale, ServiceCode.None);
            return;
        }

        if (signed.Verify(_suite, _group.Context.GroupId, _policy, _identities) is not null)
        {
            Answer(seat, upload.MessageId, hash, AnswerOutcome.Invalid, ServiceCode.Inadmissible);
            return;
        }

        // Who replays another's action would have it done once more.
        if (_identities.IdentityOf(Credential.X509(signed.Chain)) != seat.Identity)
        {
            Answer(seat, upload.MessageId, hash, AnswerOutcome.Invalid, ServiceCode.NotYours);
            return;
        }

        (AnswerOutcome outcome, ServiceCode code) = TakeVerified(signed);
        Answer(seat, upload.MessageId, hash, outcome, code);
    }

    private (AnswerOutcome Outcome, ServiceCode Code) TakeVerified(SignedHostAction signed)
    {
        HostAction action = signed.Action;
        ulong epoch = _group!.Epoch;
        if (action.Kind == HostActionKind.Admit)
        {
            if (action.SignedEpoch > epoch || !signed.Admits(action.Target!.Value, _policy))
                return (AnswerOutcome.Stale, ServiceCode.None);

            Keep(action.Target.Value, signed);
            return (AnswerOutcome.Accepted, ServiceCode.None);
        }

        if (action.SignedEpoch != epoch)
            return (AnswerOutcome.Stale, ServiceCode.None);
        if (_requests.Count >= Limits.Requests)
            return (AnswerOutcome.Busy, ServiceCode.TooMany);
        if (action.Kind != HostActionKind.Eject)
        {
            Open(new OpenRequest(new MeetingRequest { Id = ++_requestIds, Kind = RequestKind.Policy, Cause = RosterCause.Host, Actions = [signed] }, _now));
            return (AnswerOutcome.Accepted, ServiceCode.None);
        }

        return TakeEject(signed, action.Target!.Value);
    }

    private (AnswerOutcome Outcome, ServiceCode Code) TakeEject(SignedHostAction signed, Participant target)
    {
        if (_policy.Ejected.Count >= Limits.Ejected && _policy.EjectedAt(target) is null)
            return (AnswerOutcome.Invalid, ServiceCode.TooMany);
        if (_requests.Any(request => request.IsEject && request.Request.Actions[0].Action.Target == target))
            return (AnswerOutcome.Accepted, ServiceCode.None);

        Presence[] hit = [.. _presences.Values.Where(presence => IsTarget(presence, target))];
        if (hit.Length > 1)
            return (AnswerOutcome.Invalid, ServiceCode.Inadmissible); // a key of one and a name of another

        // A commit that put it out and let it in would be refused by everyone, again and again.
        _admissions.Remove(target);
        foreach (OpenRequest add in _requests.Where(request => request.KeyPackage is { } keyPackage && IsTarget(keyPackage.LeafNode, target)).ToArray())
            Withdraw(add);
        if (hit is [var member])
        {
            AskForRemoval(member, RosterCause.Host, [signed]);
            _events.Enqueue(new MediaCut(member.Identity));
        }
        else
        {
            Open(new OpenRequest(new MeetingRequest { Id = ++_requestIds, Kind = RequestKind.Policy, Cause = RosterCause.Host, Actions = [signed] }, _now));
        }

        return (AnswerOutcome.Accepted, ServiceCode.None);
    }

    private bool IsTarget(Presence presence, Participant target) => _group!.MemberAt(presence.Leaf) is { } leaf && IsTarget(leaf, target);

    private bool IsTarget(LeafNode leaf, Participant target) =>
        Participant.Of(_suite.Crypto, leaf) is { } who && (who.KeyHash == target.KeyHash || who.Name == target.Name);
}
