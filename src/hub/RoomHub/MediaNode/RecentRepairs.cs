using RoomAgent.Rtp;
using RoomAgent.Wire;

namespace RoomAgent.Hub.MediaNode;

/// <summary>Which packets a leg got again lately: whoever asks for one twice before the first repeat can have come gets it once.</summary>
/// <remarks>A table of a fixed size, taken with the first repeat. Two packets that want the same place cost one repeat too many, now and then.</remarks>
internal sealed class RecentRepairs
{
    // More than one NACK asks for; a power of two.
    private const int Places = 256;

    private Entry[]? _entries;

    /// <summary>Whether the packet may be repeated now: it was not within <paramref name="pause"/>.</summary>
    public bool IsAllowed(Ssrc source, SequenceNumber number, TimeSpan pause, Instant now)
    {
        ref readonly Entry entry = ref PlaceOf(source, number);
        return entry.Source != source || entry.Number != number || now - entry.At >= pause;
    }

    /// <summary>Takes notice that it is being repeated.</summary>
    public void Remember(Ssrc source, SequenceNumber number, Instant now) => PlaceOf(source, number) = new Entry(source, number, now);

    private ref Entry PlaceOf(Ssrc source, SequenceNumber number)
    {
        _entries ??= new Entry[Places];
        return ref _entries[(number.Value ^ (source.Value >> 8)) & (Places - 1)];
    }

    private readonly record struct Entry(Ssrc Source, SequenceNumber Number, Instant At);
}
