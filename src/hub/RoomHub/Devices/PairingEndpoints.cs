using System.Security.Cryptography;
using RoomAgent.Wire;

namespace RoomAgent.Hub.Devices;

/// <summary>A device asks for a code to show (RFC 8628). An administrator decides at <see cref="AdministrationEndpoints"/>; the device learns it at <see cref="TokenEndpoint"/>.</summary>
internal static class PairingEndpoints
{
    /// <summary>The public client that every device is before it has an account.</summary>
    public const string Client = "roomagent-pairing";

    private static readonly string[] s_grants = [TokenEndpoint.DeviceCodeGrant, TokenEndpoint.PairingGrant, TokenEndpoint.RefreshGrant];
    private static readonly string[] s_authentication = ["private_key_jwt"];
    private static readonly string[] s_algorithms = ["ES256"];

    private const int DeviceCodeSize = 32;
    private const int MostAttempts = 3;

    /// <summary>Maps the endpoint and the metadata of the authorization server.</summary>
    public static void MapPairing(this IEndpointRouteBuilder endpoints)
    {
        endpoints.MapPost(DevicePaths.DeviceAuthorization, StartAsync).WithTags("Pairing")
            .WithName("startPairing").WithSummary("For devices without an account: a code to show (RFC 8628), with a proof (RFC 9449).").Produces(200).Produces(400).Produces(413).Produces(429).Produces(503);
        endpoints.MapGet(DevicePaths.Metadata, MetadataAsync).WithTags("Pairing")
            .WithName("readAuthorizationServer").WithSummary("What the authorization server can do (RFC 8414).").Produces(200);
    }

    /// <summary>The hash by which a device code is kept.</summary>
    public static byte[] HashOfDeviceCode(Accounts accounts, string code) => accounts.Codes.Of("device code", code);

    // 1. who asks, and with which key    2. only now the nonce, so that the key could not be chosen to fit    3. a code that nobody else has
    private static async Task StartAsync(HttpContext context, Accounts accounts)
    {
        if (!await accounts.AdmitAsync(context, accounts.StartLimit))
            return;

        (IReadOnlyDictionary<string, string>? form, OAuthError? error) = await Requests.ReadFormAsync(context);
        if (error is null && form!.GetValueOrDefault("client_id") != Client)
            error = OAuthError.InvalidClient;
        if (error is null && Scopes.Narrow(form!.GetValueOrDefault("scope"), [Scopes.DeviceRegister]) is null)
            error = OAuthError.InvalidScope;
        if (error is not null)
        {
            await OAuthAnswers.RefuseAsync(context, error);
            return;
        }

        if (Requests.Label(form!.GetValueOrDefault("serial")) is not { } serial || Requests.Label(form!.GetValueOrDefault("model")) is not { } model)
        {
            await OAuthAnswers.RefuseAsync(context, OAuthError.InvalidRequest("serial and model are at most 100 letters without control characters"));
            return;
        }

        DpopFault fault = accounts.Prove(context, token: null, out DpopProof? proof);
        if (fault != DpopFault.None)
        {
            await OAuthAnswers.RefuseAsync(context, OAuthError.Of(fault));
            return;
        }

        DateTimeOffset now = accounts.Clock.GetUtcNow();
        for (int attempt = 0; attempt < MostAttempts; attempt++)
        {
            string deviceCode = Base64UrlText.Encode(RandomNumberGenerator.GetBytes(DeviceCodeSize));
            UserCode userCode = UserCode.Generate();
            var grant = new DeviceGrant(proof!.Key.Thumbprint, RandomNumberGenerator.GetBytes(Confirmation.NonceSize), serial, model, now + GrantStore.Life);
            if (!await accounts.Grants.TryAddAsync(HashOfDeviceCode(accounts, deviceCode), userCode.HashWith(accounts.Codes), grant, now, context.RequestAborted))
                continue;

            string page = accounts.Address.Of(DevicePaths.PairingPage);
            await OAuthAnswers.AnswerAsync(context, StatusCodes.Status200OK, new
            {
                device_code = deviceCode,
                user_code = userCode.Reveal(),
                verification_uri = page,
                verification_uri_complete = $"{page}?user_code={userCode.Reveal()}",
                expires_in = (int)GrantStore.Life.TotalSeconds,
                interval = GrantStore.FirstPause,
                confirmation_nonce = Base64UrlText.Encode(grant.Nonce),
            });
            return;
        }

        await OAuthAnswers.RefuseAsync(context, OAuthError.Busy, TimeSpan.FromMinutes(1));
    }

    private static Task MetadataAsync(HttpContext context, Accounts accounts) => OAuthAnswers.AnswerAsync(context, StatusCodes.Status200OK, new
    {
        issuer = accounts.Address.Url,
        token_endpoint = accounts.Address.Of(DevicePaths.Token),
        device_authorization_endpoint = accounts.Address.Of(DevicePaths.DeviceAuthorization),
        registration_endpoint = accounts.Address.Of(DevicePaths.Register),
        grant_types_supported = s_grants,
        token_endpoint_auth_methods_supported = s_authentication,
        token_endpoint_auth_signing_alg_values_supported = s_algorithms,
        dpop_signing_alg_values_supported = s_algorithms,
        response_types_supported = Array.Empty<string>(),
        scopes_supported = Scopes.OfDevices.Prepend(Scopes.DeviceRegister),
    });
}
