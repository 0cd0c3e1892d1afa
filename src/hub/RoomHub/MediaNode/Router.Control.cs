using System.Buffers.Binary;
using RoomAgent.Rtp;
using RoomAgent.Wire;

namespace RoomAgent.Hub.MediaNode;

/// <summary>Legs come, are renewed, and go.</summary>
internal sealed partial class Router
{
    private const uint SmallestSource = 1_000_000;

    /// <summary>Makes a leg, and gives it its sources. One of the same name is taken away first: a new offer means new keys.</summary>
    public LegSources Add(LegPlan plan, Instant now)
    {
        // What can fail comes first: nothing has changed then.
        Ssrc[] drawn = NewSources(1 + plan.Streams.Count);
        var sources = new LegSources(drawn[0], drawn[1..]);
        Conference conference = _conferences.GetValueOrDefault(plan.Conference) ?? new Conference(plan.Conference, settings);
        var leg = new Leg(plan, conference, sources, crypto, settings, now);

        if (_legs.TryGetValue(plan.Id, out Leg? before))
        {
            leg.Inherit(before);
            Remove(plan.Id);
        }

        _conferences[plan.Conference] = conference;
        _legs.Add(leg.Id, leg);
        _sources[leg.Control.Value] = new Source(leg, null, IsRetransmission: false);
        foreach (IncomingStream stream in leg.Streams)
        {
            _sources[stream.Ssrc.Value] = new Source(leg, stream, IsRetransmission: false);
            _sources[stream.RetransmissionSsrc.Value] = new Source(leg, stream, IsRetransmission: true);
        }

        conference.Add(leg);
        return sources;
    }

    /// <summary>Lets a leg live for another lease.</summary>
    public Renewal Renew(LegId id, Instant now)
    {
        if (!_legs.TryGetValue(id, out Leg? leg))
            return Renewal.Unknown;

        leg.LeaseEnd = now + settings.Lease;
        return leg.Sender.NeedsNewKey ? Renewal.NeedsNewKeys : Renewal.Renewed;
    }

    /// <summary>
    /// Cuts a leg off at once: nothing more comes from it or goes to it, its connections are closed, and its keys are gone when this returns.
    /// </summary>
    /// <returns><see langword="false"/> when there is none of that name.</returns>
    public bool Remove(LegId id)
    {
        if (!_legs.Remove(id, out Leg? leg))
            return false;

        leg.CloseConnections();
        _sources.Remove(leg.Control.Value);
        foreach (IncomingStream stream in leg.Streams)
        {
            _sources.Remove(stream.Ssrc.Value);
            _sources.Remove(stream.RetransmissionSsrc.Value);
        }

        leg.Conference.Remove(leg);
        if (leg.Conference.Legs.Count == 0)
            _conferences.Remove(leg.Conference.Id);
        leg.Dispose();
        return true;
    }

    /// <summary>Cuts everyone off.</summary>
    public void RemoveAll()
    {
        foreach (LegId id in _legs.Keys.ToArray())
            Remove(id);
    }

    // The remainder leads the kernel to this loop (UdpBatchSocket), that of the retransmissions too, since the number of loops is a power of two.
    // The rest nobody can guess.
    private Ssrc[] NewSources(int count)
    {
        HashSet<Ssrc> taken = [];
        Span<byte> bytes = stackalloc byte[4];
        while (taken.Count < count)
        {
            random.Fill(bytes);
            uint drawn = BinaryPrimitives.ReadUInt32BigEndian(bytes) & 0x7fff_ffff;
            var source = new Ssrc(drawn - (drawn % (uint)loops) + (uint)index);
            if (source.Value > SmallestSource && !_sources.ContainsKey(source.Value))
                taken.Add(source);
        }

        return [.. taken];
    }
}
