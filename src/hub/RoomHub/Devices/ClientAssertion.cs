namespace RoomAgent.Hub.Devices;

/// <summary>The assertion by which a device authenticates at the token endpoint: <c>private_key_jwt</c> (RFC 7523 section 3), signed by the key of its machine account.</summary>
/// <remarks><code>{"alg":"ES256"} . {"iss":client,"sub":client,"aud":issuer or token endpoint,"jti":"...","iat":...,"exp":...} . signature</code></remarks>
internal sealed class ClientAssertion
{
    /// <summary>The <c>client_assertion_type</c>.</summary>
    public const string Type = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

    // From now to its end; the device's clock may be wrong by the leeway beside that.
    private static readonly TimeSpan s_longestLife = TimeSpan.FromMinutes(10);

    private readonly CompactJws _jws;

    private ClientAssertion(CompactJws jws, string client, string id)
    {
        _jws = jws;
        Client = client;
        Id = id;
    }

    /// <summary>Who it says it is. Not verified.</summary>
    public string Client { get; }

    /// <summary>Its <c>jti</c>.</summary>
    public string Id { get; }

    /// <summary>Reads an assertion: <see langword="null"/> when it has not the form of one, or a type that makes it something else, such as a proof.</summary>
    public static ClientAssertion? Read(string? text)
    {
        if (CompactJws.Read(text) is not { } jws
            || (jws.Header.TryGetProperty("typ", out _) && CompactJws.Text(jws.Header, "typ") is not ("JWT" or "client-authentication+jwt"))
            || CompactJws.Text(jws.Claims, "iss") is not { } issuer
            || CompactJws.Text(jws.Claims, "sub") != issuer
            || CompactJws.Text(jws.Claims, "jti") is not { Length: >= 8 and <= 128 } id)
        {
            return null;
        }

        return new ClientAssertion(jws, issuer, id);
    }

    /// <summary>Whether it is signed by the account's key, for us, and of now.</summary>
    public bool IsGood(DeviceKey key, IReadOnlyList<string> audiences, DateTimeOffset now)
    {
        // One audience, and a text: one that names others too could be replayed by them.
        if (CompactJws.Text(_jws.Claims, "aud") is not { } audience || !audiences.Contains(audience))
            return false;
        if (_jws.Date("exp") is not { } end || end + DpopProofs.Leeway <= now || end > now + s_longestLife + DpopProofs.Leeway)
            return false;
        if (_jws.Date("nbf") is { } begin && begin > now + DpopProofs.Leeway)
            return false;
        if (_jws.Date("iat") is { } issuedAt && issuedAt > now + DpopProofs.Leeway)
            return false;

        return _jws.IsSignedBy(key);
    }
}
