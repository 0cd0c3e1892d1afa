using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using RoomAgent.Hub.Operations;
using RoomAgent.Hub.Store;

namespace RoomAgent.Hub.MediaNode.Alone;

/// <summary>All media nodes of the hub as one: a meeting is on one of them, which at its beginning is the least busy.</summary>
/// <remarks>
/// A node that is lost takes its legs with it: their renewals find nothing, and whoever offers anew comes to another node.
/// The node in the hub's own process takes part under a name that no certificate has.
/// </remarks>
internal sealed class NodePool : IMediaNode
{
    /// <summary>What the node in this process is called.</summary>
    public const string OwnName = "(own)";

    // A hub that has just begun waits for the node of a meeting that goes on.
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan s_placeCheck = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_forgotten = TimeSpan.FromMinutes(2);

    private readonly IMediaNode _own;
    private readonly string _ownName;
    private readonly NodePlaces _places;
    private readonly TimeProvider _clock;
    private readonly ILogger _log;
    private readonly ConcurrentDictionary<string, RemoteMediaNode> _remote = new();
    private readonly ConcurrentDictionary<LegId, Place> _legs = new();
    private readonly ConcurrentDictionary<ConferenceId, long> _checked = new();
    private long _tidiedAt;

    /// <summary>Begins with the node in this process alone.</summary>
    /// <param name="own">The node in this process.</param>
    /// <param name="hub">What tells this process from others that share the database.</param>
    /// <param name="places">Which node has which meeting.</param>
    /// <param name="meters">Where the load of all is shown.</param>
    /// <param name="clock">The time.</param>
    /// <param name="log">The log.</param>
    public NodePool(IMediaNode own, Guid hub, NodePlaces places, IMeterFactory meters, TimeProvider clock, ILogger<NodePool> log)
    {
        _own = own;
        _ownName = $"{OwnName} {hub:N}";
        _places = places;
        _clock = clock;
        _log = log;
        _tidiedAt = clock.GetTimestamp();

        Meter meter = meters.Create(HubMeter.Name);
        meter.CreateObservableGauge("roomhub.media.nodes", () => _remote.Values.Count(node => node.IsReady) + 1, "{node}", "Media nodes, the one in this process included.");
        meter.CreateObservableGauge("roomhub.media.legs", () => Load.Legs, "{leg}", "Legs on all media nodes.");
        meter.CreateObservableGauge("roomhub.media.connections", () => Load.Connections, "{connection}", "Media connections over TCP and WebSocket.");
        meter.CreateObservableGauge("roomhub.media.busy", () => Load.Busy, "1", "The part of the last second in which the busiest loop of a media node worked.");
        meter.CreateObservableCounter("roomhub.media.forwarded", () => _own.Load.Loops.Sum(loop => loop.Forwarded), "{packet}", "Packets that the media node in this process forwarded.");
    }

    /// <inheritdoc/>
    public NodeLoad Load
    {
        get
        {
            NodeLoad[] loads = [.. Nodes().Select(node => node.Node.Load)];
            return new NodeLoad(loads.Sum(load => load.Legs), loads.Sum(load => load.MostLegs), loads.Sum(load => load.Connections), [.. loads.SelectMany(load => load.Loops)]);
        }
    }

    /// <summary>A node has come. One of the same name that was here is given up: it began anew, or its connection did.</summary>
    public void Attach(RemoteMediaNode node)
    {
        RemoteMediaNode? before = null;
        _remote.AddOrUpdate(node.Name, node, (_, there) =>
        {
            before = there;
            return node;
        });
        before?.End();
        NodeLog.Attached(_log, node.Name);
    }

    /// <summary>A node has gone.</summary>
    public void Detach(RemoteMediaNode node)
    {
        if (_remote.TryRemove(KeyValuePair.Create(node.Name, node)))
            NodeLog.Lost(_log, node.Name);
    }

    /// <inheritdoc/>
    public async Task<OfferResult> OfferAsync(LegId leg, ConferenceId conference, ReadOnlyMemory<byte> offer)
    {
        try
        {
            return await PlaceAsync(leg, conference, offer);
        }
        catch (StoreException)
        {
            return new OfferResult(null, "Nobody can say which media node has the meeting: ask again.");
        }
    }

    /// <inheritdoc/>
    public async Task<Renewal> RenewAsync(LegId leg)
    {
        if (!_legs.TryGetValue(leg, out Place place) || Find(place.Node) is not { } node)
            return Renewal.Unknown;

        if (!await IsStillThereAsync(place))
        {
            // The meeting is on another node now, and this leg would hear nobody.
            await RevokeAsync(leg);
            return Renewal.Unknown;
        }

        Renewal renewal = await node.RenewAsync(leg);
        if (renewal == Renewal.Unknown)
            _legs.TryRemove(KeyValuePair.Create(leg, place));
        else
            _legs.TryUpdate(leg, place with { RenewedAt = _clock.GetTimestamp() }, place);
        return renewal;
    }

    /// <inheritdoc/>
    public async Task<bool> RevokeAsync(LegId leg)
    {
        if (!_legs.TryRemove(leg, out Place place))
            return false;

        IMediaNode? node = Find(place.Node);
        bool? isRevoked = node is RemoteMediaNode remote ? await remote.TryRevokeAsync(leg) : node is null ? null : await node.RevokeAsync(leg);
        if (isRevoked is { } known)
            return known;

        // Nobody can tell the node. It cuts the leg off by itself when its lease is over, which at the latest began now, and not before that may we say that it is.
        await Task.Delay(place.Lease, _clock);
        return true;
    }

    private async Task<OfferResult> PlaceAsync(LegId leg, ConferenceId conference, ReadOnlyMemory<byte> offer)
    {
        Tidy();
        string name = await _places.TakeAsync(conference, LeastBusy(except: null), CancellationToken.None);
        for (int attempt = 0; attempt < 3; attempt++)
        {
            if (await FindAsync(name) is { } node)
            {
                // A leg that was somewhere else, as in another meeting, is cut off there; by itself, when that node is lost, and nobody waits for it.
                if (_legs.TryGetValue(leg, out Place before) && before.Node != name && Find(before.Node) is not null)
                    await RevokeAsync(leg);
                OfferResult? result = node is RemoteMediaNode remote ? await remote.TryOfferAsync(leg, conference, offer) : await node.OfferAsync(leg, conference, offer);
                if (result is not null)
                {
                    if (result.Answer is not null)
                        _legs[leg] = new Place(conference, name, _clock.GetTimestamp(), (node as RemoteMediaNode)?.Lease ?? TimeSpan.Zero);
                    return result;
                }
            }

            string next = await _places.MoveAsync(conference, name, LeastBusy(except: name), CancellationToken.None);
            NodeLog.Moved(_log, conference.Value, name, next);
            name = next;
        }

        return new OfferResult(null, "No media node answers: ask again.");
    }

    private IEnumerable<(string Name, IMediaNode Node)> Nodes() =>
        [(_ownName, _own), .. _remote.Values.Where(node => node.IsReady).Select(node => (node.Name, (IMediaNode)node))];

    private IMediaNode? Find(string name) => name == _ownName ? _own : _remote.TryGetValue(name, out RemoteMediaNode? node) && node.IsReady ? node : null;

    private async Task<IMediaNode?> FindAsync(string name)
    {
        long since = _clock.GetTimestamp();
        while (true)
        {
            // The own node of another process that shares the database is out of reach, and stays so.
            bool isHopeless = name.StartsWith(OwnName, StringComparison.Ordinal);
            if (Find(name) is { } node)
                return node;
            if (isHopeless || _clock.GetElapsedTime(since) >= s_patience)
                return null;
            await Task.Delay(TimeSpan.FromMilliseconds(50), _clock);
        }
    }

    // By the part of its places that are taken, or of its time, whichever is more.
    private string LeastBusy(string? except) => Nodes()
        .OrderBy(node => node.Name == except)
        .ThenBy(node => Fullness(node.Node.Load))
        .ThenBy(node => node.Node.Load.Legs)
        .First().Name;

    private static double Fullness(NodeLoad load) => load.MostLegs == 0 ? 1 : Math.Max(load.Busy, (double)load.Legs / load.MostLegs);

    private async Task<bool> IsStillThereAsync(Place place)
    {
        if (_checked.TryGetValue(place.Conference, out long at) && _clock.GetElapsedTime(at) < s_placeCheck)
            return true;

        try
        {
            bool isThere = await _places.RenewAsync(place.Conference, place.Node, CancellationToken.None)
                || await _places.TakeAsync(place.Conference, place.Node, CancellationToken.None) == place.Node;
            if (isThere)
                _checked[place.Conference] = _clock.GetTimestamp();
            return isThere;
        }
        catch (StoreException)
        {
            // A database that is away cuts nobody off.
            return true;
        }
    }

    // Legs that nobody renews or revokes any more are over on their nodes too.
    private void Tidy()
    {
        long tidied = Interlocked.Read(ref _tidiedAt);
        if (_clock.GetElapsedTime(tidied) < s_forgotten || Interlocked.CompareExchange(ref _tidiedAt, _clock.GetTimestamp(), tidied) != tidied)
            return;

        foreach ((LegId leg, Place place) in _legs)
        {
            if (_clock.GetElapsedTime(place.RenewedAt) > s_forgotten)
                _legs.TryRemove(KeyValuePair.Create(leg, place));
        }

        foreach ((ConferenceId conference, long at) in _checked)
        {
            if (_clock.GetElapsedTime(at) > s_forgotten)
                _checked.TryRemove(KeyValuePair.Create(conference, at));
        }
    }

    private readonly record struct Place(ConferenceId Conference, string Node, long RenewedAt, TimeSpan Lease);
}
