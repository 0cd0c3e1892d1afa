using RoomAgent.Hub.Identity;

namespace RoomAgent.Hub.Devices;

/// <summary>
/// The token endpoint (RFC 6749 section 3.2). Every request has a proof (RFC 9449). There are three grants: a code that an administrator entered (a registration token and nothing else),
/// what registering gave (the first pair of tokens), and a refresh token (the next pair). In the latter two the device authenticates by an assertion (RFC 7523).
/// </summary>
internal static class TokenEndpoint
{
    /// <summary>RFC 8628 section 3.4.</summary>
    public const string DeviceCodeGrant = "urn:ietf:params:oauth:grant-type:device_code";

    /// <summary>Ours: the <c>pairing_grant</c> of a registration for the first pair of tokens.</summary>
    public const string PairingGrant = "urn:roomagent:params:oauth:grant-type:pairing";

    /// <summary>RFC 6749 section 6.</summary>
    public const string RefreshGrant = "refresh_token";

    /// <summary>Maps it.</summary>
    public static void MapTokens(this IEndpointRouteBuilder endpoints) => endpoints.MapPost(DevicePaths.Token, AnswerAsync);

    private static async Task AnswerAsync(HttpContext context, Accounts accounts)
    {
        if (!await accounts.AdmitAsync(context, accounts.CallLimit))
            return;

        (IReadOnlyDictionary<string, string>? form, OAuthError? error) = await Requests.ReadFormAsync(context);
        if (error is not null)
        {
            await OAuthAnswers.RefuseAsync(context, error);
            return;
        }

        string? grant = form!.GetValueOrDefault("grant_type");
        if (grant is not (DeviceCodeGrant or PairingGrant or RefreshGrant))
        {
            await OAuthAnswers.RefuseAsync(context, grant is null ? OAuthError.InvalidRequest("there is no grant_type") : OAuthError.UnsupportedGrant);
            return;
        }

        DpopFault fault = accounts.Prove(context, token: null, out DpopProof? proof);
        if (fault != DpopFault.None)
        {
            await OAuthAnswers.RefuseAsync(context, OAuthError.Of(fault));
            return;
        }

        if (grant == DeviceCodeGrant)
            await PollAsync(context, accounts, form!, proof!.Key);
        else
            await ExchangeAsync(context, accounts, form!, proof!.Key, grant);
    }

    private static async Task PollAsync(HttpContext context, Accounts accounts, IReadOnlyDictionary<string, string> form, DeviceKey key)
    {
        if (form.GetValueOrDefault("client_id") != PairingEndpoints.Client)
        {
            await OAuthAnswers.RefuseAsync(context, OAuthError.InvalidClient);
            return;
        }

        if (form.GetValueOrDefault("device_code") is not { Length: <= 100 } code)
        {
            await OAuthAnswers.RefuseAsync(context, OAuthError.InvalidRequest("there is no device_code"));
            return;
        }

        byte[] hash = PairingEndpoints.HashOfDeviceCode(accounts, code);
        (Poll answer, string? organisation) = await accounts.Grants.PollAsync(hash, key.Thumbprint, accounts.Clock.GetUtcNow(), context.RequestAborted);
        if (answer == Poll.Approved)
        {
            await OAuthAnswers.AnswerAsync(context, StatusCodes.Status200OK, new
            {
                access_token = accounts.Tokens.Registration(hash, key),
                token_type = "DPoP",
                expires_in = (int)Tokens.RegistrationLife.TotalSeconds,
                scope = Scopes.DeviceRegister,
                organisation_name = organisation,
            });
            return;
        }

        await OAuthAnswers.RefuseAsync(context, answer switch
        {
            Poll.Pending => new OAuthError(400, "authorization_pending", "nobody has entered the code yet"),
            Poll.TooSoon => new OAuthError(400, "slow_down", "wait 5 s more between two questions from now on"),
            Poll.Denied => new OAuthError(400, "access_denied", "the administrator has refused"),
            Poll.Expired => new OAuthError(400, "expired_token", "the code has expired; ask for another"),
            _ => OAuthError.InvalidGrant,
        });
    }

    // 1. who asks    2. is the grant theirs    3. use it    4. what it gives
    private static async Task ExchangeAsync(HttpContext context, Accounts accounts, IReadOnlyDictionary<string, string> form, DeviceKey key, string grant)
    {
        if (await AuthenticateAsync(context, accounts, form, key) is not { } account)
        {
            await OAuthAnswers.RefuseAsync(context, OAuthError.InvalidClient);
            return;
        }

        bool isFirst = grant == PairingGrant;
        if (Scopes.Narrow(form.GetValueOrDefault("scope"), Scopes.OfDevices) is not { } scope)
        {
            await OAuthAnswers.RefuseAsync(context, OAuthError.InvalidScope);
            return;
        }

        string? presented = form.GetValueOrDefault(isFirst ? "pairing_grant" : "refresh_token");
        TokenClaims? claims = await accounts.Tokens.ReadAsync(presented, isFirst ? TokenKind.PairingGrant : TokenKind.Refresh, context.RequestAborted);
        if (claims is null || claims.Subject != account.Id.ToString() || claims.Organisation != account.Organisation)
        {
            await OAuthAnswers.RefuseAsync(context, OAuthError.InvalidGrant);
            return;
        }

        TokenPolicy policy = await accounts.Store.PolicyAsync(account.Organisation, TokenPolicy.Device, context.RequestAborted);
        (RefreshOutcome outcome, MachineAccount? now, long number, DateTimeOffset expiresAt) =
            await accounts.Store.RefreshAsync(account.Id, claims.Family, claims.Number, policy, accounts.Clock.GetUtcNow(), context.RequestAborted);
        if (outcome == RefreshOutcome.Cloned)
            await Accounts.TellAsync(context, [account], AccessEvents.ClonedDevice);
        if (outcome != RefreshOutcome.Extended)
        {
            await OAuthAnswers.RefuseAsync(context, OAuthError.InvalidGrant);
            return;
        }

        await OAuthAnswers.AnswerAsync(context, StatusCodes.Status200OK, new
        {
            access_token = accounts.Tokens.Access(now!, scope, policy.AccessLife),
            token_type = "DPoP",
            expires_in = (int)policy.AccessLife.TotalSeconds,
            scope = string.Join(' ', scope),
            refresh_token = accounts.Tokens.Refresh(now!, number, expiresAt),
            refresh_token_expires_in = (long)(expiresAt - accounts.Clock.GetUtcNow()).TotalSeconds,
        });
    }

    // The account whose key has signed both the assertion and the proof. One answer for everything that is wrong.
    private static async Task<MachineAccount?> AuthenticateAsync(HttpContext context, Accounts accounts, IReadOnlyDictionary<string, string> form, DeviceKey key)
    {
        if (form.GetValueOrDefault("client_assertion_type") != ClientAssertion.Type
            || ClientAssertion.Read(form.GetValueOrDefault("client_assertion")) is not { } assertion
            || DeviceId.Read(assertion.Client) is not { } device
            || (form.GetValueOrDefault("client_id") is { } client && client != assertion.Client)
            || await accounts.Store.FindAsync(device, context.RequestAborted) is not { IsActive: true } account
            || !account.Key.Equals(key)
            || !assertion.IsGood(account.Key, [accounts.Address.Url, accounts.Address.Of(DevicePaths.Token)], accounts.Clock.GetUtcNow())
            || accounts.UsedAssertions.Use(key.Thumbprint, assertion.Id) != FirstUse.Yes)
        {
            return null;
        }

        return account;
    }
}
