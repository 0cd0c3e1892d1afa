using System.Globalization;
using System.Text.Json;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using RoomAgent.Hub.Identity;
using RoomAgent.Hub.Meetings;
using RoomAgent.Wire;

namespace RoomAgent.Hub.Devices;

/// <summary>The kinds of tokens that we make. Each has its own type, so that none passes for another.</summary>
internal enum TokenKind
{
    /// <summary>For calls (RFC 9068 section 2.1).</summary>
    Access,

    /// <summary>For the next pair of tokens.</summary>
    Refresh,

    /// <summary>For the first pair of tokens: what registering gives.</summary>
    PairingGrant,

    /// <summary>To register a device once: what an approved code on a display gives.</summary>
    Registration,

    /// <summary>For a guest, to join one occurrence of one meeting: what a link gives.</summary>
    Guest,

    /// <summary>For a program of a person, who has shown the password.</summary>
    Person,
}

/// <summary>What a token of ours says, after everything about it was verified.</summary>
/// <param name="Subject">The account of the device or the person; of a registration token the right that it stands for.</param>
/// <param name="Organisation">Whose it is; nobody's in a registration token.</param>
/// <param name="KeyThumbprint">The key it is bound to (<c>cnf.jkt</c>).</param>
/// <param name="Family">Its family; see <see cref="AccountStore.RefreshAsync"/>.</param>
/// <param name="Number">Its number in the family, of refresh tokens.</param>
/// <param name="Scope">What it is good for.</param>
/// <param name="ClientClass">The class of its client.</param>
/// <param name="ExpiresAt">Its end.</param>
/// <param name="Meeting">The one occurrence that a guest's token is for.</param>
internal sealed record TokenClaims(
    string Subject, OrganisationId? Organisation, string KeyThumbprint, Guid Family, long Number, IReadOnlyList<string> Scope, string ClientClass, DateTimeOffset ExpiresAt, MeetingInstance? Meeting);

/// <summary>
/// Makes and reads our own tokens: a JWT (RFC 7519) that is signed (RFC 7515, ES256) and then encrypted (RFC 7516). To everybody else they are opaque.
/// None is kept anywhere.
/// </summary>
internal sealed class Tokens(ReadOnlyMemory<byte> hubKeyHash, TokenKeys keys, TimeProvider clock)
{
    /// <summary>The longest token that is looked at, in characters. Ours have some 1,200.</summary>
    public const int MaxLength = 4096;

    /// <summary>How long a registration token lives.</summary>
    public static readonly TimeSpan RegistrationLife = TimeSpan.FromMinutes(10);

    // Another hub's clock may be that much ahead of ours.
    private static readonly TimeSpan s_leeway = TimeSpan.FromSeconds(30);

    // Who the hub is, not where it is: tokens outlive that it moves.
    private readonly string _hub = $"urn:roomhub:{Base64UrlText.Encode(hubKeyHash.Span)}";

    private readonly JsonWebTokenHandler _handler = new()
    {
        SetDefaultTimesOnTokenCreation = false,
        MapInboundClaims = false,
        MaximumTokenSizeInBytes = MaxLength,
    };

    /// <summary>An access token.</summary>
    public string Access(MachineAccount account, IReadOnlyList<string> scope, TimeSpan life) =>
        Make(TokenKind.Access, account.Id.ToString(), account, account.Key.ThumbprintText, number: 0, scope, clock.GetUtcNow() + life);

    /// <summary>A refresh token.</summary>
    public string Refresh(MachineAccount account, long number, DateTimeOffset expiresAt) =>
        Make(TokenKind.Refresh, account.Id.ToString(), account, account.Key.ThumbprintText, number, Scopes.OfDevices, expiresAt);

    /// <summary>What registering gives, for the first pair of tokens.</summary>
    public string PairingGrant(MachineAccount account) =>
        Make(TokenKind.PairingGrant, account.Id.ToString(), account, account.Key.ThumbprintText, number: 0, Scopes.OfDevices, clock.GetUtcNow() + PairingStore.RepeatFor);

    /// <summary>What an approved code gives.</summary>
    /// <param name="right">The right to register.</param>
    /// <param name="key">The key that may use it.</param>
    public string Registration(byte[] right, DeviceKey key) =>
        Make(TokenKind.Registration, Base64UrlText.Encode(right), account: null, key.ThumbprintText, number: 0, [Scopes.DeviceRegister], clock.GetUtcNow() + RegistrationLife);

    /// <summary>What a link gives a guest.</summary>
    /// <param name="name">The guest's name in its certificate.</param>
    /// <param name="organisation">Whose meeting it is.</param>
    /// <param name="link">The link, which is to exist as long as the token is used. It stands where a device's family does.</param>
    /// <param name="meeting">The one occurrence that may be joined.</param>
    /// <param name="key">The key that may use it.</param>
    /// <param name="expiresAt">Its end.</param>
    public string Guest(string name, OrganisationId organisation, Guid link, MeetingInstance meeting, DeviceKey key, DateTimeOffset expiresAt)
    {
        Dictionary<string, object> claims = Claims(name, key.ThumbprintText, link, number: 0, [Scopes.MeetingsJoin]);
        claims["org"] = organisation.ToString();
        claims["mtg"] = Base64UrlText.Encode(meeting.MeetingId.Span);
        claims["ins"] = Base64UrlText.Encode(meeting.Instance.Span);
        return Seal(TokenKind.Guest, claims, expiresAt);
    }

    /// <summary>What signing in gives to a person's program.</summary>
    /// <param name="person">The person's account.</param>
    /// <param name="organisation">To which it belongs.</param>
    /// <param name="session">The session, which is to exist as long as the token is used. It stands where a device's family does.</param>
    /// <param name="key">The key that may use it.</param>
    /// <param name="expiresAt">Its end.</param>
    public string Person(string person, OrganisationId organisation, Guid session, DeviceKey key, DateTimeOffset expiresAt)
    {
        Dictionary<string, object> claims = Claims(person, key.ThumbprintText, session, number: 0, Scopes.OfPrograms, TokenPolicy.Person);
        claims["org"] = organisation.ToString();
        return Seal(TokenKind.Person, claims, expiresAt);
    }

    /// <summary>Reads a token of a kind.</summary>
    /// <param name="text">Any text.</param>
    /// <param name="kind">The kind it has to be of.</param>
    /// <param name="cancel">Gives up.</param>
    /// <returns><see langword="null"/> when it is not ours, not of that kind, or not valid now. Whether it was revoked is in the database.</returns>
    public async ValueTask<TokenClaims?> ReadAsync(string? text, TokenKind kind, CancellationToken cancel = default)
    {
        // 1. five parts, encrypted in our one way, by a key of ours: else it is not looked into
        if (text is null || text.Length > MaxLength || text.AsSpan().Count('.') != 4 || !_handler.CanReadToken(text))
            return null;
        if (ReadHeader(text) is not { } header
            || CompactJws.Text(header, "alg") != TokenKeys.KeyManagement
            || CompactJws.Text(header, "enc") != TokenKeys.Encryption
            || header.TryGetProperty("zip", out _)
            || header.TryGetProperty("crit", out _)
            || await keys.FindAsync(CompactJws.Text(header, "kid"), cancel) is not { } key)
        {
            return null;
        }

        // 2. decrypted and verified with that key and no other
        TokenValidationResult result = await _handler.ValidateTokenAsync(text, new TokenValidationParameters
        {
            TokenDecryptionKey = key.Encrypting.Key,
            IssuerSigningKey = key.Signing.Key,
            // The library holds both layers against the one list; which layer has which is seen to above and below.
            ValidAlgorithms = [SecurityAlgorithms.EcdsaSha256, TokenKeys.Encryption],
            ValidTypes = [TypeOf(kind)],
            ValidIssuer = _hub,
            ValidAudience = _hub,
            RequireSignedTokens = true,
            RequireExpirationTime = true,
            LifetimeValidator = IsInTime,
        });
        if (!result.IsValid || result.SecurityToken is not JsonWebToken { InnerToken: { Alg: SecurityAlgorithms.EcdsaSha256 } inner })
            return null;

        // 3. ours, so what is missing is a mistake of ours; it is refused all the same
        if (!inner.TryGetPayloadValue("cnf", out JsonElement confirmation)
            || CompactJws.Text(confirmation, "jkt") is not { } thumbprint
            || !inner.TryGetPayloadValue("fam", out string family) || !Guid.TryParseExact(family, "N", out Guid familyId)
            || !inner.TryGetPayloadValue("num", out long number)
            || !inner.TryGetPayloadValue("scope", out string scope)
            || !inner.TryGetPayloadValue("cls", out string clientClass))
        {
            return null;
        }

        OrganisationId? organisation = inner.TryGetPayloadValue("org", out string org) ? OrganisationId.Read(org) : null;
        MeetingInstance? meeting = inner.TryGetPayloadValue("mtg", out string id) && Base64UrlText.Decode(id) is { } meetingId && inner.TryGetPayloadValue("ins", out string instance) && Base64UrlText.Decode(instance) is { } instanceId
            ? new MeetingInstance(ByteString.Owning(meetingId), ByteString.Owning(instanceId))
            : null;
        return new TokenClaims(inner.Subject, organisation, thumbprint, familyId, number, scope.Split(' '), clientClass, inner.ValidTo, meeting);
    }

    private string Make(TokenKind kind, string subject, MachineAccount? account, string thumbprint, long number, IReadOnlyList<string> scope, DateTimeOffset expiresAt)
    {
        Dictionary<string, object> claims = Claims(subject, thumbprint, account?.Family ?? Guid.Empty, number, scope);
        if (account is not null)
        {
            claims["org"] = account.Organisation.ToString();
            claims["client_id"] = account.Id.ToString();
        }

        return Seal(kind, claims, expiresAt);
    }

    private static Dictionary<string, object> Claims(string subject, string thumbprint, Guid family, long number, IReadOnlyList<string> scope, string clientClass = TokenPolicy.Device) => new()
    {
        ["sub"] = subject,
        ["jti"] = Guid.NewGuid().ToString("N"),
        ["cnf"] = new Dictionary<string, string> { ["jkt"] = thumbprint },
        ["fam"] = family.ToString("N", CultureInfo.InvariantCulture),
        ["num"] = number,
        ["scope"] = string.Join(' ', scope),
        ["cls"] = clientClass,
    };

    private string Seal(TokenKind kind, Dictionary<string, object> claims, DateTimeOffset expiresAt)
    {
        DateTimeOffset now = clock.GetUtcNow();
        TokenKey key = keys.Current;
        return _handler.CreateToken(new SecurityTokenDescriptor
        {
            TokenType = TypeOf(kind),
            Issuer = _hub,
            Audience = _hub,
            IssuedAt = now.UtcDateTime,
            NotBefore = now.UtcDateTime,
            Expires = expiresAt.UtcDateTime,
            Claims = claims,
            SigningCredentials = key.Signing,
            EncryptingCredentials = key.Encrypting,
        });
    }

    private static JsonElement? ReadHeader(string text) =>
        Base64UrlText.Decode(text.AsSpan(0, text.IndexOf('.', StringComparison.Ordinal))) is { } json ? CompactJws.ReadObject(json) : null;

    private bool IsInTime(DateTime? notBefore, DateTime? expires, SecurityToken token, TokenValidationParameters parameters)
    {
        DateTimeOffset now = clock.GetUtcNow();
        return expires is { } end && now < end && (notBefore is not { } begin || now + s_leeway >= begin);
    }

    private static string TypeOf(TokenKind kind) => kind switch
    {
        TokenKind.Access => "at+jwt",
        TokenKind.Refresh => "roomhub-refresh+jwt",
        TokenKind.PairingGrant => "roomhub-pairing+jwt",
        TokenKind.Guest => "roomhub-guest+jwt",
        TokenKind.Person => "roomhub-person+jwt",
        _ => "roomhub-registration+jwt",
    };
}
