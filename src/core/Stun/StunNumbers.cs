namespace RoomAgent.Stun;

/// <summary>What a message is (RFC 8489 section 5): the two class bits of its type.</summary>
public enum StunClass : byte
{
    /// <summary>Wants an answer.</summary>
    Request = 0,

    /// <summary>Wants none.</summary>
    Indication = 1,

    /// <summary>Answers a request that worked.</summary>
    SuccessResponse = 2,

    /// <summary>Answers a request that did not; carries ERROR-CODE.</summary>
    ErrorResponse = 3,
}

/// <summary>What a message is about (RFC 8489 section 18.2): 12 bits of its type.</summary>
/// <remarks>Other numbers up to 0xff may come from the wire; the larger ones are not STUN where it shares a path (RFC 7983).</remarks>
public enum StunMethod : ushort
{
    /// <summary>Asks under which address one is seen.</summary>
    Binding = 0x001,
}

/// <summary>The attributes that are known here (RFC 8489 section 18.3). Other numbers may come from the wire.</summary>
/// <remarks>Up to 0x7fff one must understand an attribute to process the message; from 0x8000 on one may skip it.</remarks>
public enum StunAttributeType : ushort
{
    /// <summary>The source address in the clear, from servers of RFC 3489. Understood, not used.</summary>
    MappedAddress = 0x0001,

    /// <summary>Whose password protects the message: at most 508 bytes of UTF-8.</summary>
    Username = 0x0006,

    /// <summary>HMAC-SHA1 over the message in front of it.</summary>
    MessageIntegrity = 0x0008,

    /// <summary>Why a request was refused.</summary>
    ErrorCode = 0x0009,

    /// <summary>Which attributes of a request were not understood.</summary>
    UnknownAttributes = 0x000a,

    /// <summary>HMAC-SHA256 over the message in front of it, possibly cut to 16 bytes or more.</summary>
    MessageIntegritySha256 = 0x001c,

    /// <summary>The source address of the request, masked so that no box on the way rewrites it.</summary>
    XorMappedAddress = 0x0020,

    /// <summary>What the sender runs, for diagnosis.</summary>
    Software = 0x8022,

    /// <summary>CRC-32 that tells STUN from what else comes on the same path; always last.</summary>
    Fingerprint = 0x8028,
}

/// <summary>The error codes that a Binding request can meet (RFC 8489 section 14.8).</summary>
public static class StunErrors
{
    /// <summary>The request lacks an attribute that must be there.</summary>
    public const int BadRequest = 400;

    /// <summary>The credential is unknown, or the integrity does not verify with it.</summary>
    public const int Unauthenticated = 401;

    /// <summary>The request has attributes that must be understood and are not.</summary>
    public const int UnknownAttribute = 420;
}

/// <summary>Which integrity attributes a message carries (RFC 8489 sections 14.5 and 14.6).</summary>
[Flags]
public enum StunIntegrity
{
    /// <summary>None: anyone can have written it.</summary>
    None = 0,

    /// <summary>MESSAGE-INTEGRITY, which servers of RFC 5389 understand.</summary>
    Sha1 = 1,

    /// <summary>MESSAGE-INTEGRITY-SHA256.</summary>
    Sha256 = 2,

    /// <summary>Both: what a client sends that does not know its server (section 9.1.2).</summary>
    Both = Sha1 | Sha256,
}
