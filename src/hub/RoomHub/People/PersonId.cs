namespace RoomAgent.Hub.People;

/// <summary>One person's account.</summary>
/// <param name="Value">Random.</param>
internal readonly record struct PersonId(Guid Value)
{
    /// <summary>A new one.</summary>
    public static PersonId New() => new(Guid.NewGuid());

    /// <summary>Reads what <see cref="ToString"/> wrote; <see langword="null"/> for anything else.</summary>
    public static PersonId? Read(string? text) => Guid.TryParseExact(text, "D", out Guid value) ? new PersonId(value) : null;

    /// <summary>32 hexadecimal digits with hyphens, in lower case.</summary>
    public override string ToString() => Value.ToString("D");

    internal static PersonId Of(byte[] bytes) => new(new Guid(bytes, bigEndian: true));

    internal byte[] ToBytes() => Value.ToByteArray(bigEndian: true);
}
