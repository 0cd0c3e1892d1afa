using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace RoomAgent.Wire;

/// <summary>
/// A personal name, an address or a token: whatever must not get into a log by accident. It prints as <c>(private)</c>
/// in text, in a log message, in JSON and in the debugger; only <see cref="Reveal"/>, which is easy to search for, gives the value.
/// </summary>
/// <remarks>This keeps values out of sight, not out of memory, and compares in ordinary time: key material belongs in a secret that is zeroed.</remarks>
/// <typeparam name="T">What is hidden.</typeparam>
[DebuggerDisplay(Private.Redacted)]
[JsonConverter(typeof(PrivateJsonConverter))]
public readonly struct Private<T> : IEquatable<Private<T>>
{
    [DebuggerBrowsable(DebuggerBrowsableState.Never)]
    private readonly T _value;

    internal Private(T value) => _value = value;

    /// <summary>The value itself, for the one place that needs it: a screen in the room, a request to the hub.</summary>
    public T Reveal() => _value;

    /// <summary>Always <c>(private)</c>.</summary>
    public override string ToString() => Private.Redacted;

    /// <inheritdoc/>
    public bool Equals(Private<T> other) => EqualityComparer<T>.Default.Equals(_value, other._value);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is Private<T> other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => _value is null ? 0 : EqualityComparer<T>.Default.GetHashCode(_value);

    /// <summary>Whether both hide the same value.</summary>
    public static bool operator ==(Private<T> left, Private<T> right) => left.Equals(right);

    /// <summary>Whether they hide different values.</summary>
    public static bool operator !=(Private<T> left, Private<T> right) => !left.Equals(right);
}

/// <summary>Makes a <see cref="Private{T}"/>.</summary>
public static class Private
{
    /// <summary>What is printed in place of the value.</summary>
    public const string Redacted = "(private)";

    /// <summary>Hides <paramref name="value"/> from everything that prints.</summary>
    public static Private<T> Of<T>(T value) => new(value);
}

/// <summary>Writes every <see cref="Private{T}"/> redacted. It reads none: a redacted value cannot come back.</summary>
internal sealed class PrivateJsonConverter : JsonConverterFactory
{
    public override bool CanConvert(Type typeToConvert) =>
        typeToConvert.IsGenericType && typeToConvert.GetGenericTypeDefinition() == typeof(Private<>);

    public override JsonConverter CreateConverter(Type typeToConvert, JsonSerializerOptions options) =>
        (JsonConverter)Activator.CreateInstance(typeof(Redacting<>).MakeGenericType(typeToConvert.GetGenericArguments()))!;

    private sealed class Redacting<T> : JsonConverter<Private<T>>
    {
        public override Private<T> Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            throw new NotSupportedException("A private value is written redacted and therefore never read back.");

        public override void Write(Utf8JsonWriter writer, Private<T> value, JsonSerializerOptions options) =>
            writer.WriteStringValue(Private.Redacted);
    }
}
