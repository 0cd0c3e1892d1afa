namespace RoomAgent.Join;

/// <summary>With which code the program ends (sysexits(3), where it has one).</summary>
internal static class ExitStatus
{
    /// <summary>The person left, or the meeting is over.</summary>
    public const int Good = 0;

    /// <summary>Something broke, or the meeting was not as it was promised.</summary>
    public const int Failure = 1;

    /// <summary>The words make no sense: EX_USAGE.</summary>
    public const int Usage = 64;

    /// <summary>The hub does not answer: EX_UNAVAILABLE.</summary>
    public const int NoHub = 69;

    /// <summary>It was tried too often; later it may work: EX_TEMPFAIL.</summary>
    public const int Later = 75;

    /// <summary>Whoever answers is not the hub, or nobody vouches for it: EX_PROTOCOL.</summary>
    public const int NotTheHub = 76;

    /// <summary>The hub or the host does not want this: a link that is void, a wrong password, not let in, put out: EX_NOPERM.</summary>
    public const int NotPermitted = 77;
}

/// <summary>Why the program ends, in a sentence that says what to do.</summary>
/// <param name="code">With which code.</param>
/// <param name="sentence">The sentence.</param>
internal sealed class JoinProblem(int code, string sentence) : Exception(sentence)
{
    public int Code => code;
}
