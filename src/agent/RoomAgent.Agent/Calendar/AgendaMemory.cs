using RoomAgent.Agent.Ports;
using RoomAgent.Meetings;
using RoomAgent.Wire;

namespace RoomAgent.Agent.Calendar;

/// <summary>What people in the room decided, and the calendar does not say.</summary>
/// <param name="Stopped">Meetings that are not joined by themselves, each with its start: at another time it is another question.</param>
/// <param name="DoNotDisturbUntil">Until when nothing is joined by itself.</param>
public sealed record AgendaNotes(IReadOnlyDictionary<OccurrenceName, DateTimeOffset> Stopped, DateTimeOffset? DoNotDisturbUntil);

/// <summary>Keeps that through a power cut: a meeting that people left is not joined again because the room was switched on.</summary>
/// <param name="vault">Where.</param>
public sealed class AgendaMemory(IVault vault)
{
    private const string Name = "agenda";

    /// <summary>What is kept. What cannot be read is as good as nothing.</summary>
    /// <exception cref="IOException">The storage is broken.</exception>
    public AgendaNotes? Read()
    {
        if (vault.Read(Name) is not { } kept)
            return null;

        // struct { uint64 until; struct { opaque meeting<V>; opaque instance[16]; uint64 start; } stopped[]; }, in ticks of UTC; 0 for none.
        var reader = new WireReader(kept);
        ulong until = reader.ReadUInt64();
        var stopped = new Dictionary<OccurrenceName, DateTimeOffset>();
        while (!reader.Failed && reader.Remaining > 0)
        {
            ByteString meeting = ByteString.CopyOf(reader.ReadVector());
            ByteString instance = ByteString.CopyOf(reader.ReadBytes(Limits.Instance));
            if (Date(reader.ReadUInt64()) is not { } start)
                return null;
            stopped[new OccurrenceName(meeting, instance)] = start;
        }

        return reader.Failed ? null : new AgendaNotes(stopped, until == 0 ? null : Date(until));
    }

    /// <summary>Keeps it.</summary>
    /// <exception cref="IOException">The storage is full or broken; what was kept is still there.</exception>
    public void Write(AgendaNotes notes)
    {
        byte[] buffer = new byte[sizeof(ulong) + (notes.Stopped.Count * (Limits.MeetingId + Limits.Instance + sizeof(ulong) + 4))];
        var writer = new WireWriter(buffer);
        writer.WriteUInt64((ulong)(notes.DoNotDisturbUntil?.UtcTicks ?? 0));
        foreach ((OccurrenceName name, DateTimeOffset start) in notes.Stopped)
        {
            writer.WriteVector(name.MeetingId.Span);
            writer.WriteBytes(name.Instance.Span);
            writer.WriteUInt64((ulong)start.UtcTicks);
        }

        vault.Write(Name, writer.Written);
    }

    /// <summary>The account is over: nothing of it is kept.</summary>
    /// <exception cref="IOException">The storage is broken.</exception>
    public void Forget() => vault.Remove(Name);

    private static DateTimeOffset? Date(ulong ticks) => ticks <= (ulong)DateTimeOffset.MaxValue.UtcTicks ? new DateTimeOffset((long)ticks, TimeSpan.Zero) : null;
}
