namespace RoomAgent.Stun;

/// <summary>The value of FINGERPRINT (RFC 8489 section 14.7): CRC-32 as in ITU-T V.42, exclusive-or 0x5354554e.</summary>
internal static class Fingerprint
{
    private const uint Mask = 0x5354_554e;
    private const uint ReversedPolynomial = 0xedb8_8320;
    private static readonly uint[] s_table = NewTable();

    /// <summary>The fingerprint of a message whose header counts the attribute already.</summary>
    /// <param name="message">All bytes in front of the attribute.</param>
    internal static uint Of(ReadOnlySpan<byte> message)
    {
        uint crc = uint.MaxValue;
        foreach (byte b in message)
            crc = s_table[(byte)(crc ^ b)] ^ (crc >> 8);

        return ~crc ^ Mask;
    }

    private static uint[] NewTable()
    {
        uint[] table = new uint[256];
        for (uint i = 0; i < table.Length; i++)
        {
            uint crc = i;
            for (int bit = 0; bit < 8; bit++)
                crc = (crc & 1) == 0 ? crc >> 1 : (crc >> 1) ^ ReversedPolynomial;

            table[i] = crc;
        }

        return table;
    }
}
