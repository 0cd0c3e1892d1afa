namespace RoomAgent.Hub.Identity;

/// <summary>One organisation among those that share a hub. What belongs to one is never shown to another.</summary>
/// <param name="Value">Random.</param>
public readonly record struct OrganisationId(Guid Value)
{
    /// <summary>A new one.</summary>
    public static OrganisationId New() => new(Guid.NewGuid());

    /// <summary>Reads what <see cref="ToString"/> wrote; <see langword="null"/> for anything else.</summary>
    public static OrganisationId? Read(string? text) => Guid.TryParseExact(text, "D", out Guid value) ? new OrganisationId(value) : null;

    /// <summary>32 hexadecimal digits with hyphens, in lower case.</summary>
    public override string ToString() => Value.ToString("D");

    internal static OrganisationId Of(byte[] bytes) => new(new Guid(bytes, bigEndian: true));

    internal byte[] ToBytes() => Value.ToByteArray(bigEndian: true);
}

/// <summary>The machine account of one device, from its pairing to its removal. It is its OAuth <c>client_id</c> too.</summary>
/// <param name="Value">Random.</param>
public readonly record struct DeviceId(Guid Value)
{
    /// <summary>A new one.</summary>
    public static DeviceId New() => new(Guid.NewGuid());

    /// <summary>Reads what <see cref="ToString"/> wrote; <see langword="null"/> for anything else.</summary>
    public static DeviceId? Read(string? text) => Guid.TryParseExact(text, "D", out Guid value) ? new DeviceId(value) : null;

    /// <summary>32 hexadecimal digits with hyphens, in lower case.</summary>
    public override string ToString() => Value.ToString("D");

    internal static DeviceId Of(byte[] bytes) => new(new Guid(bytes, bigEndian: true));

    internal byte[] ToBytes() => Value.ToByteArray(bigEndian: true);
}
