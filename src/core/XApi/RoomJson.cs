using System.Text.Json;
using System.Text.Json.Serialization;

namespace RoomAgent.XApi;

/// <summary>How what is told of the room is written in JSON: <c>snake_case</c>, and nothing for what is not there.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(RoomView))]
[JsonSerializable(typeof(BookingList))]
[JsonSerializable(typeof(JsonElement))]
public sealed partial class RoomJson : JsonSerializerContext
{
    /// <summary>Reads how the room stands; <see langword="null"/> when these bytes do not say it.</summary>
    public static RoomView? ReadView(ReadOnlySpan<byte> text)
    {
        try
        {
            return JsonSerializer.Deserialize(text, Default.RoomView);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>Reads a calendar; <see langword="null"/> when these bytes are none.</summary>
    public static BookingList? ReadBookings(ReadOnlySpan<byte> text)
    {
        try
        {
            return JsonSerializer.Deserialize(text, Default.BookingList);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
