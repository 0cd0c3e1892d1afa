namespace RoomAgent.Stun;

/// <summary>What a <see cref="BindingServer"/> made of a datagram.</summary>
public enum BindingVerdict
{
    /// <summary>No Binding request, or one that is broken: nothing is answered.</summary>
    Ignored,

    /// <summary>A request without credential was answered.</summary>
    Answered,

    /// <summary>A request that the credential's key protects was answered.</summary>
    AnsweredAuthenticated,

    /// <summary>The request was answered with an error.</summary>
    Refused,
}

/// <summary>Answers Binding requests (RFC 8489 sections 6.3.1 and 9.1.3). It keeps no state of any client; the caller limits the rate.</summary>
/// <remarks>
/// <para>
/// An answer is as small as can be: no SOFTWARE, no reason phrase, FINGERPRINT only when the request has one, integrity only when the request has it.
/// Thus it is never longer than a request of <see cref="BindingClient"/>; the shortest request there is, 20 bytes, gets 32 bytes over IPv4 and 44 over IPv6:
/// <see cref="LargestAmplification"/> is the limit for whoever forges source addresses.
/// </para>
/// <para>Allocates nothing per request. One caller at a time.</para>
/// </remarks>
public sealed class BindingServer
{
    /// <summary>The most bytes that one byte of a request can cause.</summary>
    public const double LargestAmplification = 2.2;

    /// <summary>Room that an answer needs: <see cref="Answer"/> lists at most 16 unknown attributes.</summary>
    public const int LargestAnswer = 128;

    private const int MostUnknownListed = 16;

    private readonly CredentialLookup? _lookup;
    private readonly bool _required;

    /// <summary>Finds whose credential a user name is.</summary>
    /// <param name="username">USERNAME as it came.</param>
    /// <returns><see langword="null"/> when nobody's.</returns>
    public delegate StunCredential? CredentialLookup(ReadOnlySpan<byte> username);

    /// <summary>A server.</summary>
    /// <param name="lookup">Knows the credentials; <see langword="null"/> when there are none.</param>
    /// <param name="required">Whether a request without a credential is refused. Reachability probes come without.</param>
    public BindingServer(CredentialLookup? lookup = null, bool required = false)
    {
        _lookup = lookup;
        _required = required;
    }

    /// <summary>Answers a datagram.</summary>
    /// <param name="datagram">What came.</param>
    /// <param name="source">From where; the answer says so.</param>
    /// <param name="answer">Gets the answer: <see cref="LargestAnswer"/> bytes are enough.</param>
    /// <param name="length">Bytes of the answer; 0 for none.</param>
    /// <param name="credential">Whose key protects the request: not null exactly with <see cref="BindingVerdict.AnsweredAuthenticated"/>.</param>
    public BindingVerdict Answer(ReadOnlySpan<byte> datagram, StunAddress source, Span<byte> answer, out int length, out StunCredential? credential)
    {
        length = 0;
        credential = null;
        if (!StunMessage.TryRead(datagram, out StunMessage request) || request.Class != StunClass.Request || request.Method != StunMethod.Binding)
            return BindingVerdict.Ignored;
        if (request.HasFingerprint && !request.FingerprintMatches)
            return BindingVerdict.Ignored;

        if (Authenticate(request, out StunCredential? authenticated) is var error and not 0)
            return Refuse(request, error, answer, out length);
        if (request.ListUnknownAttributes([]) > 0)
            return RefuseUnknown(request, authenticated, answer, out length);

        var writer = new StunWriter(answer, StunClass.SuccessResponse, StunMethod.Binding, request.TransactionId);
        writer.WriteMappedAddress(source);
        length = End(ref writer, request, authenticated);
        credential = authenticated;
        return authenticated is null ? BindingVerdict.Answered : BindingVerdict.AnsweredAuthenticated;
    }

    // Section 9.1.3. Returns the error code, or 0.
    private int Authenticate(in StunMessage request, out StunCredential? credential)
    {
        credential = null;
        bool hasName = request.TryFind(StunAttributeType.Username, out ReadOnlySpan<byte> username);
        bool hasIntegrity = request.Integrity != StunIntegrity.None;
        if (_lookup is null || (!hasName && !hasIntegrity))
            return _required ? StunErrors.BadRequest : 0;
        if (!hasName || !hasIntegrity)
            return StunErrors.BadRequest;

        if (_lookup(username) is not { } known || !request.Verify(known))
            return StunErrors.Unauthenticated;

        credential = known;
        return 0;
    }

    private static BindingVerdict Refuse(in StunMessage request, int error, Span<byte> answer, out int length)
    {
        var writer = new StunWriter(answer, StunClass.ErrorResponse, StunMethod.Binding, request.TransactionId);
        writer.WriteErrorCode(error);
        length = End(ref writer, request, credential: null);
        return BindingVerdict.Refused;
    }

    private static BindingVerdict RefuseUnknown(in StunMessage request, StunCredential? credential, Span<byte> answer, out int length)
    {
        Span<ushort> unknown = stackalloc ushort[MostUnknownListed];
        int count = Math.Min(request.ListUnknownAttributes(unknown), unknown.Length);

        var writer = new StunWriter(answer, StunClass.ErrorResponse, StunMethod.Binding, request.TransactionId);
        writer.WriteErrorCode(StunErrors.UnknownAttribute);
        writer.WriteUnknownAttributes(unknown[..count]);
        length = End(ref writer, request, credential);
        return BindingVerdict.Refused;
    }

    // Section 9.1.3: the answer uses the algorithm that the request was checked with.
    private static int End(ref StunWriter writer, in StunMessage request, StunCredential? credential)
    {
        if (credential is not null)
            writer.WriteIntegrity(credential, (request.Integrity & StunIntegrity.Sha256) != 0 ? StunIntegrity.Sha256 : StunIntegrity.Sha1);
        if (request.HasFingerprint)
            writer.WriteFingerprint();

        return writer.Length;
    }
}
