namespace RoomAgent.Cloud.Account;

/// <summary>The device's own key, P-256. Whoever keeps it need not give it away: it signs.</summary>
public interface IDeviceKey : IDisposable
{
    /// <summary>The public key as JWK with the required members alone, in the order of RFC 7638 section 3.</summary>
    string Jwk { get; }

    /// <summary>The SHA-256 thumbprint of <see cref="Jwk"/> (RFC 7638).</summary>
    ReadOnlyMemory<byte> Thumbprint { get; }

    /// <summary>Signs with ES256 (RFC 7518 section 3.4): 64 bytes.</summary>
    byte[] Sign(ReadOnlySpan<byte> text);
}

/// <summary>Where the device's keys are kept. They have numbers: while one takes another's place, there are two.</summary>
public interface IDeviceKeys
{
    /// <summary>A key; <see langword="null"/> when there is none of that number, or what is there cannot be read.</summary>
    /// <exception cref="IOException">The storage is broken.</exception>
    IDeviceKey? Open(int number);

    /// <summary>Makes a key, in place of what may be there. It survives a power cut when this returns.</summary>
    /// <exception cref="IOException">The storage is full or broken.</exception>
    IDeviceKey Create(int number);

    /// <summary>Forgets a key, if there is one.</summary>
    /// <exception cref="IOException">The storage is broken.</exception>
    void Remove(int number);
}
