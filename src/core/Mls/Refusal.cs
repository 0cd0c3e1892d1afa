namespace RoomAgent.Mls;

/// <summary>Why something was refused, by cause. The numbers are stable: they travel in reports and logs.</summary>
public enum RefusalReason
{
    /// <summary>The bytes are not what they should be an encoding of.</summary>
    Codec = 1,

    /// <summary>A rule of the standard is broken.</summary>
    Validation = 2,

    /// <summary>A signature or tag does not verify.</summary>
    Signature = 3,

    /// <summary>A decryption or a key agreement fails.</summary>
    Crypto = 4,

    /// <summary>It belongs to another epoch or group.</summary>
    WrongEpoch = 5,

    /// <summary>The application does not want it.</summary>
    Policy = 6,

    /// <summary>It cannot be done in this state.</summary>
    Usage = 7,
}

/// <summary>A refusal: bad input is normal, so it is a value and not an exception. There is one object for each rule of <see cref="Rules"/>.</summary>
/// <param name="Reason">The cause.</param>
/// <param name="Rule">The id of the rule, stable, such as <c>tree.parent-hash</c>.</param>
/// <param name="Text">The rule in words, with its section of RFC 9420.</param>
public sealed record Refusal(RefusalReason Reason, string Rule, string Text)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Rule}: {Text}";
}
