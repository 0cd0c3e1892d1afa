using System.Text;
using RoomAgent.Agent.Ports;
using RoomAgent.Wire;

namespace RoomAgent.Agent.Calendar;

/// <summary>Keeps the calendar as the hub told it last, so that the room knows its day while the hub is away, and after a power cut.</summary>
/// <param name="vault">Where.</param>
public sealed class CalendarCache(IVault vault)
{
    private const string Name = "calendar";
    private const int LongestTag = 128;

    /// <summary>What is kept. What cannot be read is as good as nothing.</summary>
    /// <exception cref="IOException">The storage is broken.</exception>
    public (RoomCalendar Calendar, string? Tag)? Read()
    {
        if (vault.Read(Name) is not { } kept)
            return null;

        // struct { opaque tag<V>; opaque json[]; }
        var reader = new WireReader(kept);
        ReadOnlySpan<byte> tag = reader.ReadVector();
        ReadOnlySpan<byte> json = reader.ReadRest();
        if (reader.Failed || tag.Length > LongestTag || CalendarText.Read(json) is not { } calendar)
            return null;

        return (calendar, tag.Length > 0 ? Encoding.ASCII.GetString(tag) : null);
    }

    /// <summary>Keeps a calendar.</summary>
    /// <param name="json">The hub's words.</param>
    /// <param name="tag">Their tag, when they have one.</param>
    /// <exception cref="IOException">The storage is full or broken; what was kept is still there.</exception>
    public void Write(ReadOnlySpan<byte> json, string? tag)
    {
        byte[] buffer = new byte[json.Length + LongestTag + 4];
        var writer = new WireWriter(buffer);
        writer.WriteVector(Encoding.ASCII.GetBytes(tag is { Length: <= LongestTag } ? tag : ""));
        writer.WriteBytes(json);
        vault.Write(Name, writer.Written);
    }

    /// <summary>The account is over: nothing of it is kept.</summary>
    /// <exception cref="IOException">The storage is broken.</exception>
    public void Forget() => vault.Remove(Name);
}
