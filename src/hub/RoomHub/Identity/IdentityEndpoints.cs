using System.Security.Claims;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using RoomAgent.Enrolment;
using RoomAgent.Hub.Devices;

namespace RoomAgent.Hub.Identity;

/// <summary>Where the hub went, when this address is not its address any more.</summary>
/// <param name="Number">Rises with each move.</param>
/// <param name="Address">Where it is now.</param>
/// <param name="Since">Since when.</param>
public sealed record HubMove(ulong Number, HubAddress Address, DateTimeOffset Since);

/// <summary>What of itself the hub says besides its identity key.</summary>
/// <param name="TlsCertificate">The certificate that it serves TLS with at present; <see langword="null"/> when somebody in front of it does.</param>
/// <param name="Move">Its last move.</param>
public sealed record HubPresence(Func<X509Certificate2?> TlsCertificate, HubMove? Move);

/// <summary>Who the hub is, how late it is there, and certificates of its authority.</summary>
internal static class IdentityEndpoints
{
    private const string RequestType = "application/pkcs10";
    private const string ChainType = "application/pem-certificate-chain";

    /// <summary>Maps what the hub says of itself. Everyone may ask.</summary>
    public static void MapHubIdentity(this IEndpointRouteBuilder endpoints, HubPresence presence)
    {
        endpoints.MapGet("/hub/identity", (HttpContext context, Accounts accounts) => TellIdentityAsync(context, accounts, presence));
        endpoints.MapPost("/hub/time", TellTimeAsync);
        endpoints.MapGet("/hub/authority", PublishAsync);
    }

    /// <summary>Maps where certificates are issued: to devices for themselves or as guests of another organisation's meeting, to people who are signed in.</summary>
    public static void MapCertificates(this IEndpointRouteBuilder endpoints)
    {
        endpoints.MapPost("/certificates/device", (HttpContext context, Accounts accounts) =>
            IssueAsync(context, accounts, CertifiedKind.Device, AccountOf(context).DnsName)).RequireScope(Scopes.Certify);
        endpoints.MapPost("/certificates/guest", (HttpContext context, Accounts accounts) =>
            IssueAsync(context, accounts, CertifiedKind.Guest, $"{CertificateAuthority.GuestPrefix}{Guid.NewGuid():D}")).RequireScope(Scopes.Certify);
        endpoints.MapPost("/certificates/person", (HttpContext context, Accounts accounts) =>
            IssueAsync(context, accounts, CertifiedKind.Person, context.User.FindFirstValue(ClaimTypes.Email)!.ToLowerInvariant())).RequireAuthorization(HubClaims.PersonPolicy);
    }

    private static async Task TellIdentityAsync(HttpContext context, Accounts accounts, HubPresence presence)
    {
        if (!await accounts.AdmitAsync(context, accounts.CallLimit))
            return;

        HubIdentity identity = accounts.Identity;
        await OAuthAnswers.AnswerAsync(context, StatusCodes.Status200OK, new
        {
            identity_key = Convert.ToBase64String(identity.PublicKey),
            fingerprint = identity.Fingerprint,
            address = accounts.Address.Url,
            tls_key = presence.TlsCertificate() is { } certificate ? TlsKey(identity, certificate) : null,
            move = presence.Move is { } move ? Move(identity, move) : null,
        });
    }

    private static async Task TellTimeAsync(HttpContext context, Accounts accounts)
    {
        if (!await accounts.AdmitAsync(context, accounts.CallLimit))
            return;

        (TimeRequest? body, OAuthError? error) = await Requests.ReadJsonAsync<TimeRequest>(context, ignoreUnknown: false);
        byte[]? nonce = HubStatement.ReadNonce(body?.Nonce);
        if (error is not null || nonce is null)
        {
            await OAuthAnswers.RefuseAsync(context, error ?? OAuthError.InvalidRequest("nonce is 16 to 64 bytes in base64url"));
            return;
        }

        DateTimeOffset now = accounts.Clock.GetUtcNow();
        await OAuthAnswers.AnswerAsync(context, StatusCodes.Status200OK, new
        {
            nonce = body!.Nonce,
            milliseconds = now.ToUnixTimeMilliseconds(),
            signature = Convert.ToBase64String(accounts.Identity.Sign(HubStatement.Time(nonce, now))),
        });
    }

    private static async Task PublishAsync(HttpContext context, Accounts accounts)
    {
        context.Response.ContentType = ChainType;
        context.Response.Headers.CacheControl = "public, max-age=3600";
        await context.Response.WriteAsync(Pem(accounts.Authority.Published), context.RequestAborted);
    }

    /// <summary>Issues a certificate of a name that whoever asks has.</summary>
    /// <param name="context">The call; its body is the request.</param>
    /// <param name="accounts">The hub's accounts.</param>
    /// <param name="kind">Whom it names.</param>
    /// <param name="name">The name.</param>
    /// <param name="otherKey">The key that the call was proven with, which is for nothing else; <see langword="null"/> when there is none.</param>
    internal static async Task IssueAsync(HttpContext context, Accounts accounts, CertifiedKind kind, string name, DeviceKey? otherKey = null)
    {
        if (!accounts.CallLimit.TryTake(Requests.SourceOf(context), out TimeSpan wait))
        {
            await OAuthAnswers.RefuseAsync(context, OAuthError.Busy, wait);
            return;
        }

        if (context.Request.ContentType != RequestType)
        {
            await OAuthAnswers.RefuseAsync(context, OAuthError.InvalidRequest($"the content type is {RequestType}"));
            return;
        }

        if (await Requests.ReadBodyAsync(context, SigningRequest.MaxSize) is not { } request)
        {
            await OAuthAnswers.RefuseAsync(context, OAuthError.TooLarge);
            return;
        }

        otherKey ??= context.Features.Get<MachineAccount>()?.Key;
        if (accounts.Authority.Issue(kind, name, request.Span, otherKey?.ToSubjectPublicKeyInfo() ?? [], out IssuedCertificate? issued) is { } problem)
        {
            await OAuthAnswers.RefuseAsync(context, new OAuthError(StatusCodes.Status400BadRequest, "bad_csr", problem));
            return;
        }

        OAuthAnswers.Prepare(context, StatusCodes.Status200OK);
        context.Response.ContentType = ChainType;
        await context.Response.WriteAsync(Pem(issued!.Chain), context.RequestAborted);
    }

    private static object TlsKey(HubIdentity identity, X509Certificate2 certificate)
    {
        byte[] hash = SHA256.HashData(certificate.PublicKey.ExportSubjectPublicKeyInfo());
        DateTimeOffset notBefore = certificate.NotBefore.ToUniversalTime();
        DateTimeOffset notAfter = certificate.NotAfter.ToUniversalTime();
        return new
        {
            spki_sha256 = Convert.ToBase64String(hash),
            not_before = notBefore.ToUnixTimeSeconds(),
            not_after = notAfter.ToUnixTimeSeconds(),
            signature = Convert.ToBase64String(identity.Sign(HubStatement.TlsKey(hash, notBefore, notAfter))),
        };
    }

    private static object Move(HubIdentity identity, HubMove move) => new
    {
        number = move.Number,
        address = move.Address.Url,
        since = move.Since.ToUnixTimeSeconds(),
        signature = Convert.ToBase64String(identity.Sign(HubStatement.Move(move.Number, move.Address, move.Since))),
    };

    private static MachineAccount AccountOf(HttpContext context) => context.Features.Get<MachineAccount>() ?? throw new InvalidOperationException("The endpoint is open to those who are not devices.");

    private static string Pem(IEnumerable<byte[]> certificates)
    {
        var pem = new StringBuilder();
        foreach (byte[] certificate in certificates)
            pem.Append(PemEncoding.Write("CERTIFICATE", certificate)).Append('\n');
        return pem.ToString();
    }

    private sealed record TimeRequest
    {
        public required string Nonce { get; init; }
    }
}
