using System.Text.Json;
using RoomAgent.Enrolment;
using RoomAgent.Hub.Identity;
using RoomAgent.Wire;

namespace RoomAgent.Hub.Devices;

/// <summary>
/// Registering a device's key (RFC 7591), by an activation code or by the token that an approved code on a display gave; and one device's registration (RFC 7592).
/// Always with a proof by the key (RFC 9449), so that codes and tokens which somebody overheard register nobody else's key in the device's name.
/// </summary>
internal static class RegistrationEndpoints
{
    private const string PrivateKeyJwt = "private_key_jwt";

    /// <summary>Maps them.</summary>
    public static void MapRegistration(this IEndpointRouteBuilder endpoints)
    {
        endpoints.MapPost(DevicePaths.Register, RegisterAsync);
        string one = DevicePaths.Register + "/{client}";
        endpoints.MapGet(one, ReadAsync);
        endpoints.MapPut(one, UpdateAsync);
        endpoints.MapDelete(one, RemoveAsync);
    }

    // 1. the request is a good one, its proof is by the key in it    2. by what right    3. register
    private static async Task RegisterAsync(HttpContext context, Accounts accounts)
    {
        if (!await accounts.AdmitAsync(context, accounts.CallLimit))
            return;

        (ClientMetadata? metadata, OAuthError? error) = await Requests.ReadJsonAsync<ClientMetadata>(context, ignoreUnknown: true);
        DeviceKey? key = null;
        DeviceDescription? description = null;
        error ??= metadata!.Check(out key, out description);
        if (error is not null)
        {
            await OAuthAnswers.RefuseAsync(context, error);
            return;
        }

        string? token = Requests.Authorization(context, "DPoP");
        DpopFault fault = accounts.Prove(context, token, out DpopProof? proof);
        if (fault == DpopFault.None && !proof!.Key.Equals(key))
            fault = DpopFault.Malformed;
        if (fault != DpopFault.None)
        {
            await OAuthAnswers.RefuseAsync(context, OAuthError.Of(fault));
            return;
        }

        if (token is not null)
            await RegisterByTokenAsync(context, accounts, token, key!, description!);
        else
            await RegisterByCodeAsync(context, accounts, key!, description!);
    }

    private static async Task RegisterByTokenAsync(HttpContext context, Accounts accounts, string token, DeviceKey key, DeviceDescription description)
    {
        TokenClaims? claims = await accounts.Tokens.ReadAsync(token, TokenKind.Registration, context.RequestAborted);
        if (claims is null || claims.KeyThumbprint != key.ThumbprintText || Base64UrlText.Decode(claims.Subject) is not { } right)
        {
            await OAuthAnswers.RefuseAsync(context, OAuthError.InvalidToken);
            return;
        }

        await UseRightAsync(context, accounts, right, key, description);
    }

    private static async Task RegisterByCodeAsync(HttpContext context, Accounts accounts, DeviceKey key, DeviceDescription description)
    {
        // A slip that the check character shows is no guess.
        if (ActivationCode.Read(Requests.Authorization(context, "Bearer")) is not { } code)
        {
            await OAuthAnswers.RefuseAsync(context, OAuthError.InvalidToken);
            return;
        }

        string source = Requests.SourceOf(context);
        if (!accounts.CodeGuesses.TryBegin(source, out TimeSpan wait))
        {
            await OAuthAnswers.RefuseAsync(context, OAuthError.Busy, wait);
            return;
        }

        if (await UseRightAsync(context, accounts, code.HashWith(accounts.Codes), key, description))
            accounts.CodeGuesses.WasRight(source);
    }

    private static async Task<bool> UseRightAsync(HttpContext context, Accounts accounts, byte[] right, DeviceKey key, DeviceDescription description)
    {
        (Registration outcome, MachineAccount? account, List<MachineAccount> replaced) =
            await accounts.Pairing.RegisterAsync(right, key, description, DeviceDomain(accounts.Address), accounts.Clock.GetUtcNow(), context.RequestAborted);
        if (outcome == Registration.Refused)
        {
            await OAuthAnswers.RefuseAsync(context, OAuthError.InvalidToken);
            return false;
        }

        await Accounts.TellAsync(context, replaced, AccessEvents.Replaced);
        await AnswerAsync(context, accounts, account!, StatusCodes.Status201Created, withGrant: true);
        return true;
    }

    private static async Task ReadAsync(HttpContext context, Accounts accounts, string client)
    {
        if (await AdmitOwnerAsync(context, accounts, client) is { } account)
            await AnswerAsync(context, accounts, account, StatusCodes.Status200OK, withGrant: false);
    }

    // A device whose power is cut between this and its own storage comes again, with the old key or the new one: both succeed.
    private static async Task UpdateAsync(HttpContext context, Accounts accounts, string client)
    {
        if (await AdmitOwnerAsync(context, accounts, client) is not { } account)
            return;

        (ClientMetadata? metadata, OAuthError? error) = await Requests.ReadJsonAsync<ClientMetadata>(context, ignoreUnknown: true);
        DeviceKey? key = null;
        DeviceDescription? description = null;
        error ??= metadata!.Check(out key, out description);
        if (error is null && metadata!.ClientId != client)
            error = OAuthError.InvalidRequest("client_id is not the one of the address");
        if (error is null && !key!.Equals(account.Key))
        {
            // The new key, too, has to show that it is there: a proof like the one in the header.
            DpopFault fault = accounts.Proofs.Check([metadata!.NewKeyProof], HttpMethods.Put, context.Request.Path.Value ?? "", accounts.RegistrationTokens.Of(account.Id), out DpopProof? proof);
            fault = fault == DpopFault.None ? accounts.Proofs.Use(proof!) : fault;
            if (fault != DpopFault.None || !proof!.Key.Equals(key))
                error = OAuthError.Of(fault == DpopFault.None ? DpopFault.Malformed : fault);
        }

        if (error is null && await accounts.Store.UpdateAsync(account.Id, account.Key, key!, description!, accounts.Clock.GetUtcNow(), context.RequestAborted) is { } updated)
            await AnswerAsync(context, accounts, updated, StatusCodes.Status200OK, withGrant: false);
        else
            await OAuthAnswers.RefuseAsync(context, error ?? OAuthError.InvalidToken);
    }

    private static async Task RemoveAsync(HttpContext context, Accounts accounts, string client)
    {
        if (await AdmitOwnerAsync(context, accounts, client) is not { } account)
            return;

        MachineAccount? ended = await accounts.Store.EndAsync(account.Id, AccessEvents.Removed, account.Id.ToString(), accounts.Clock.GetUtcNow(), cancel: context.RequestAborted);
        if (ended is not null)
            await Accounts.TellAsync(context, [ended], AccessEvents.Removed);
        OAuthAnswers.Prepare(context, StatusCodes.Status204NoContent);
    }

    // The account, when its registration token and a proof by its key came with the request; else it has been answered (RFC 7592 section 2).
    private static async Task<MachineAccount?> AdmitOwnerAsync(HttpContext context, Accounts accounts, string client)
    {
        if (!await accounts.AdmitAsync(context, accounts.CallLimit))
            return null;

        if (DeviceId.Read(client) is not { } device
            || Requests.Authorization(context, "Bearer") is not { Length: <= 100 } token
            || !accounts.RegistrationTokens.IsOf(device, token))
        {
            await OAuthAnswers.RefuseAsync(context, OAuthError.InvalidToken);
            return null;
        }

        DpopFault fault = accounts.Prove(context, token, out DpopProof? proof);
        if (fault != DpopFault.None)
        {
            await OAuthAnswers.RefuseAsync(context, OAuthError.Of(fault));
            return null;
        }

        MachineAccount? account = await accounts.Store.FindAsync(device, context.RequestAborted);
        if (account is { IsActive: true } && account.Key.Equals(proof!.Key))
            return account;

        await OAuthAnswers.RefuseAsync(context, OAuthError.InvalidToken);
        return null;
    }

    private static Task AnswerAsync(HttpContext context, Accounts accounts, MachineAccount account, int status, bool withGrant)
    {
        using var jwks = JsonDocument.Parse($$"""{"keys":[{{account.Key.Jwk}}]}""");
        return OAuthAnswers.AnswerAsync(context, status, new
        {
            client_id = account.Id.ToString(),
            client_id_issued_at = account.CreatedAt.ToUnixTimeSeconds(),
            registration_client_uri = accounts.Address.Of($"{DevicePaths.Register}/{account.Id}"),
            registration_access_token = accounts.RegistrationTokens.Of(account.Id),
            token_endpoint_auth_method = PrivateKeyJwt,
            grant_types = new[] { TokenEndpoint.PairingGrant, TokenEndpoint.RefreshGrant },
            dpop_bound_access_tokens = true,
            scope = string.Join(' ', Scopes.OfDevices),
            jwks = jwks.RootElement.Clone(),
            software_version = account.Software,
            device_serial = account.Serial,
            device_model = account.Model,
            device_name = account.Name,
            dns_name = account.DnsName,
            organisation_id = account.Organisation.ToString(),
            organisation_name = account.OrganisationName,
            pairing_grant = withGrant ? accounts.Tokens.PairingGrant(account) : null,
            pairing_grant_expires_in = withGrant ? (int?)PairingStore.RepeatFor.TotalSeconds : null,
        });
    }

    /// <summary>Client metadata (RFC 7591 section 2) as far as it means something here.</summary>
    internal sealed record ClientMetadata
    {
        public JsonElement Jwks { get; init; }

        public string? ClientId { get; init; }

        public string? TokenEndpointAuthMethod { get; init; }

        public string[]? GrantTypes { get; init; }

        public bool? DpopBoundAccessTokens { get; init; }

        public string? Scope { get; init; }

        public string? SoftwareVersion { get; init; }

        public string? DeviceSerial { get; init; }

        public string? DeviceModel { get; init; }

        public string? NewKeyProof { get; init; }

        /// <summary>Whether this is what a device may register, and with which key.</summary>
        public OAuthError? Check(out DeviceKey? key, out DeviceDescription? description)
        {
            key = null;
            description = null;
            if (TokenEndpointAuthMethod is not (null or PrivateKeyJwt))
                return OAuthError.InvalidMetadata("token_endpoint_auth_method is private_key_jwt");
            if (GrantTypes is not null && GrantTypes.Any(grant => grant is not (TokenEndpoint.PairingGrant or TokenEndpoint.RefreshGrant)))
                return OAuthError.InvalidMetadata("grant_types are those of a paired device");
            if (DpopBoundAccessTokens is false)
                return OAuthError.InvalidMetadata("access tokens are bound to the key");
            if (Scopes.Narrow(Scope, Scopes.OfDevices) is null)
                return OAuthError.InvalidMetadata("scope is more than a device may have");
            if (Jwks.ValueKind != JsonValueKind.Object
                || !Jwks.TryGetProperty("keys", out JsonElement keys)
                || keys.ValueKind != JsonValueKind.Array
                || keys.GetArrayLength() != 1
                || DeviceKey.Read(keys[0]) is not { } read)
            {
                return OAuthError.InvalidMetadata("jwks has one public key of P-256");
            }
            if (Requests.Label(DeviceSerial) is not { } serial || Requests.Label(DeviceModel) is not { } model || Requests.Label(SoftwareVersion) is not { } software)
                return OAuthError.InvalidMetadata("serial, model and version are at most 100 letters without control characters");

            key = read;
            description = new DeviceDescription(serial, model, software);
            return null;
        }
    }

    // Below it devices are named in certificates of the internal authority.
    private static string DeviceDomain(HubAddress address)
    {
        var url = new Uri(address.Url);
        bool isName = url.HostNameType == UriHostNameType.Dns && url.Host.Contains('.', StringComparison.Ordinal);
        return isName ? $"devices.{url.IdnHost}" : "devices.roomhub.internal";
    }
}
