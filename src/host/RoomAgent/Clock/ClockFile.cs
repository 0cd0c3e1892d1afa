using System.Globalization;
using System.Text;
using RoomAgent.Agent.Clock;
using RoomAgent.Store;

namespace RoomAgent.Host.Clock;

/// <summary>Keeps the time in the state directory: one line that a person can read, such as <c>2026-11-22T04:31:02Z</c>.</summary>
internal sealed class ClockFile(StateDirectory state) : IClockStore
{
    private const string Format = "yyyy-MM-dd'T'HH:mm:ss'Z'";

    private readonly string _path = state.File("clock");

    public DateTimeOffset? Load()
    {
        Span<byte> room = stackalloc byte[64];
        string text = Encoding.ASCII.GetString(DurableFile.Read(_path, room));
        bool isTime = DateTimeOffset.TryParseExact(
            text.TrimEnd('\n'), Format, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset moment);
        return isTime ? moment : null;
    }

    public void Save(DateTimeOffset moment) =>
        DurableFile.Write(_path, Encoding.ASCII.GetBytes(moment.ToUniversalTime().ToString(Format, CultureInfo.InvariantCulture) + "\n"));
}
