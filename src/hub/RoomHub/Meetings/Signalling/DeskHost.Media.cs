using RoomAgent.Crypto;
using RoomAgent.Hub.MediaNode;
using RoomAgent.Wire;

namespace RoomAgent.Hub.Meetings;

// The legs of media: of members only, and no longer than their seats.
internal sealed partial class DeskHost
{
    private readonly HashSet<ByteString> _cut = [];

    // What is under way to the node, so that nothing is left there when the host has closed.
    private readonly HashSet<Task> _legWork = [];

    private async Task<OfferReply> OfferAsync(Seated seat, ReadOnlyMemory<byte> offer)
    {
        LegId? leg = await AskAsync<LegId?>(() => MayHaveMedia(seat) ? seat.Leg ??= new LegId(Guid.NewGuid()) : null, null);
        if (leg is not { } named)
            return new OfferReply(null, "Media is for members of the meeting.");

        OfferResult result = await _context.Node.OfferAsync(named, _conference ??= ConferenceOf(_instance), offer);
        using Secret? answer = result.Answer;

        // It may have been put out, or be gone, in the meantime.
        bool stays = await AskAsync(
            () =>
            {
                seat.IsAsked = seat.MissesLeg = false;
                if (MayHaveMedia(seat) && seat.Leg == named)
                {
                    if (answer is null)
                        seat.Leg = null;
                    return true;
                }

                return false;
            },
            false);
        if (stays)
            return new OfferReply(answer?.Bytes.ToArray(), result.Refusal);

        await _context.Node.RevokeAsync(named);
        return new OfferReply(null, "Media is for members of the meeting.");
    }

    private ConferenceId? _conference;

    private bool MayHaveMedia(Seated seat) => _seats.ContainsKey(seat.Id) && !_cut.Contains(seat.Identity) && _desk.HasMember(seat.Identity);

    // Before anybody has committed anything (MEETING section 3): nothing more goes there or comes from there.
    private void CutMedia(ByteString identity)
    {
        _cut.Add(identity);
        foreach (Seated seat in _seats.Values.Where(seat => seat.Identity == identity))
            EndLeg(seat);
    }

    private void EndLegsOfOthers()
    {
        _cut.RemoveWhere(identity => !_desk.HasMember(identity));
        foreach (Seated seat in _seats.Values)
        {
            bool isMember = _desk.HasMember(seat.Identity);
            if (seat.Leg is not null && !isMember)
            {
                EndLeg(seat);
                seat.MissesLeg = true;
            }
            else if (seat.MissesLeg && isMember)
            {
                seat.MissesLeg = false;
                seat.Owner.OfferAgain();
            }
        }
    }

    private void EndLeg(Seated seat)
    {
        if (seat.Leg is not { } leg)
            return;

        seat.Leg = null;
        Work(async () => await _context.Node.RevokeAsync(leg));
    }

    private void RenewLegs()
    {
        foreach (Seated seat in _seats.Values)
        {
            if (seat.Leg is not { } leg)
                continue;

            Work(async () =>
            {
                Renewal renewal = await _context.Node.RenewAsync(leg);
                if (renewal != Renewal.Renewed)
                    _commands.Writer.TryWrite(() => AskForOffer(seat, leg));
            });
        }
    }

    // A leg that is being made is not known yet; then its offer is answered before the next renewal, and nobody is asked twice.
    private void AskForOffer(Seated seat, LegId leg)
    {
        if (seat.Leg != leg || seat.IsAsked || !_seats.ContainsKey(seat.Id))
            return;

        seat.IsAsked = true;
        seat.Owner.OfferAgain();
    }

    private void Work(Func<Task> work)
    {
        Task run = RunAsync();
        lock (_legWork)
            _legWork.Add(run);
        _ = run.ContinueWith(
            done =>
            {
                lock (_legWork)
                    _legWork.Remove(done);
            },
            CancellationToken.None,
            TaskContinuationOptions.ExecuteSynchronously,
            TaskScheduler.Default);

        async Task RunAsync()
        {
            try
            {
                await work();
            }
            catch (Exception problem)
            {
                // Its lease ends by itself.
                SignallingLog.LegFailed(_context.Log, Name, problem);
            }
        }
    }

    private Task EndLegsAsync()
    {
        lock (_legWork)
            return Task.WhenAll(_legWork);
    }

    // The same on every hub.
    private static ConferenceId ConferenceOf(MeetingInstance instance)
    {
        Span<byte> hash = stackalloc byte[32];
        byte[] name = [.. instance.Instance.Span, .. instance.MeetingId.Span];
        System.Security.Cryptography.SHA256.HashData(name, hash);
        return new ConferenceId(new Guid(hash[..16]));
    }
}
