namespace RoomAgent.Hal.Media.Drawing;

/// <summary>What has to be drawn anew: areas that do not touch each other.</summary>
internal sealed class Damage
{
    private readonly List<Area> _areas = new(64);

    public IReadOnlyList<Area> Areas => _areas;

    public int Count => _areas.Count;

    public Area this[int index] => _areas[index];

    public void Clear() => _areas.Clear();

    /// <summary>Adds an area, together with all that it touches.</summary>
    public void Add(Area area)
    {
        if (area.IsEmpty())
            return;
        for (int i = _areas.Count - 1; i >= 0; i--)
        {
            if (!area.Touches(_areas[i]))
                continue;
            area = area.Union(_areas[i]);
            _areas.RemoveAt(i);
            // The larger one may touch what the smaller did not.
            i = _areas.Count;
        }
        _areas.Add(area);
    }

    /// <summary>Forgets what is outside of an area.</summary>
    public void ClipTo(Area whole)
    {
        for (int i = _areas.Count - 1; i >= 0; i--)
        {
            _areas[i] = _areas[i].Intersect(whole);
            if (_areas[i].IsEmpty())
                _areas.RemoveAt(i);
        }
    }

    /// <summary>Adds the boxes of what two pages do not have in common, in the order in which it lies on them.</summary>
    public void AddDifference(Item[] before, Item[] after)
    {
        int next = 0;
        foreach (Item item in after)
        {
            int same = Array.IndexOf(before, item, next);
            if (same < 0)
            {
                Add(item.Box);
                continue;
            }
            for (; next < same; next++)
                Add(before[next].Box);
            next = same + 1;
        }
        for (; next < before.Length; next++)
            Add(before[next].Box);
    }
}
