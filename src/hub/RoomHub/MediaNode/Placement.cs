namespace RoomAgent.Hub.MediaNode;

/// <summary>Which loop of a node has which leg: all legs of a meeting are on one, and a new meeting goes to the one with the fewest.</summary>
/// <remarks>Any thread may call; no packet passes here.</remarks>
internal sealed class Placement(int loops, int mostLegs)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<LegId, Place> _legs = [];
    private readonly Dictionary<ConferenceId, Place> _conferences = [];
    private readonly int[] _legsOfLoop = new int[loops];

    /// <summary>Where the leg is; null when there is none.</summary>
    public (ConferenceId Conference, int Loop)? Find(LegId leg)
    {
        lock (_gate)
            return _legs.TryGetValue(leg, out Place? place) ? (place.Conference, place.Loop) : null;
    }

    /// <summary>Takes a place for a leg that is in no other meeting.</summary>
    /// <returns>The loop; null when there is no place left.</returns>
    public int? Take(LegId leg, ConferenceId conference)
    {
        lock (_gate)
        {
            if (_legs.TryGetValue(leg, out Place? own))
                return own.Loop;
            if (_legs.Count >= mostLegs)
                return null;

            int loop = _conferences.TryGetValue(conference, out Place? place) ? place.Loop : Array.IndexOf(_legsOfLoop, _legsOfLoop.Min());
            Put(leg, conference, loop);
            return loop;
        }
    }

    /// <summary>Makes sure that a leg's place is known: one of the same name may have ended while this one began.</summary>
    public void Confirm(LegId leg, ConferenceId conference, int loop)
    {
        lock (_gate)
        {
            if (!_legs.ContainsKey(leg))
                Put(leg, conference, loop);
        }
    }

    /// <summary>Gives the place of a leg back, if it has one.</summary>
    public void Free(LegId leg)
    {
        lock (_gate)
        {
            if (!_legs.Remove(leg, out Place? place))
                return;

            _legsOfLoop[place.Loop]--;
            if (--place.Legs == 0)
                _conferences.Remove(place.Conference);
        }
    }

    private void Put(LegId leg, ConferenceId conference, int loop)
    {
        if (!_conferences.TryGetValue(conference, out Place? place))
            _conferences.Add(conference, place = new Place(conference, loop));

        _legs.Add(leg, place);
        _legsOfLoop[loop]++;
        place.Legs++;
    }

    private sealed class Place(ConferenceId conference, int loop)
    {
        public ConferenceId Conference { get; } = conference;

        public int Loop { get; } = loop;

        public int Legs { get; set; }
    }
}
