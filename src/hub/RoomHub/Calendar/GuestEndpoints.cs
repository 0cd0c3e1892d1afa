using System.Security.Cryptography;
using RoomAgent.Hub.Devices;
using RoomAgent.Hub.Identity;
using RoomAgent.Hub.Meetings;
using RoomAgent.Hub.Store;

namespace RoomAgent.Hub.Calendar;

/// <summary>Where a link leads: whoever has it and shows a key gets a name for this once, a certificate that everybody sees as unverified, and a token for one occurrence of one meeting.</summary>
internal static class GuestEndpoints
{
    /// <summary>What links begin with, below the hub's address.</summary>
    public const string Path = "/join";

    /// <summary>A meeting that goes on after its end may be joined for so long.</summary>
    public static readonly TimeSpan Overtime = TimeSpan.FromHours(1);

    private const string RequestType = "application/pkcs10";
    private const int MaxSecret = 30;

    // Long enough for a meeting that runs over; who needs longer comes by the link again.
    private static readonly TimeSpan s_longestToken = TimeSpan.FromHours(4);

    /// <summary>The link with a secret. Behind the # stand the words of the hub, which no browser sends: by them the guest's program knows the hub.</summary>
    public static string LinkOf(Accounts accounts, string secret) => accounts.Address.Of($"{Path}/{secret}#{accounts.Identity.Fingerprint}");

    /// <summary>Maps it.</summary>
    public static void MapGuests(this IEndpointRouteBuilder endpoints) =>
        endpoints.MapPost($"{Path}/{{secret}}", JoinAsync).WithTags("Guests")
            .WithName("joinAsGuest").WithSummary("For guests: a certificate and a token for the meeting of a link, which may be joined now. Takes a proof (DPoP, RFC 9449) by one key and a request (PKCS #10) by another.")
            .TakesBytes(RequestType).Gives<GuestAnswer>().Produces<OAuthBody>(400).Produces<OAuthBody>(403).Produces<OAuthBody>(404).Produces<OAuthBody>(413).Produces<OAuthBody>(429).Produces<OAuthBody>(503);

    // 1. how often, and by whose key    2. the link    3. the occurrence, which must be open    4. a name, a certificate, a token
    private static async Task JoinAsync(HttpContext context, Accounts accounts, Database database, MeetingDirectory directory, GuestLinks links, string secret)
    {
        if (!await accounts.AdmitAsync(context, accounts.CallLimit))
            return;
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

        DpopFault fault = accounts.Prove(context, token: null, out DpopProof? proof);
        if (fault != DpopFault.None)
        {
            await OAuthAnswers.RefuseAsync(context, OAuthError.Of(fault));
            return;
        }

        DateTimeOffset now = accounts.Clock.GetUtcNow();
        (GuestLink? link, InvitedOccurrence? occurrence) = secret.Length > MaxSecret ? (null, null) : await database.ReadAsync<(GuestLink?, InvitedOccurrence?)>(
            async transaction => await links.FindAsync(transaction, secret, now, context.RequestAborted) is { } found
                ? (found, await directory.NextAsync(transaction, found.Meeting, now - Overtime, context.RequestAborted))
                : (null, null),
            context.RequestAborted);
        if (link is null || occurrence is null)
        {
            await OAuthAnswers.RefuseAsync(context, new OAuthError(StatusCodes.Status404NotFound, "invalid_link", "the link is not known, has expired, was revoked, or its meeting is over"));
            return;
        }

        if (now < occurrence.Scheduled.OpensAt)
        {
            await OAuthAnswers.RefuseAsync(context, new OAuthError(StatusCodes.Status403Forbidden, "too_early", "the meeting may not be joined yet; Retry-After says when"), occurrence.Scheduled.OpensAt - now);
            return;
        }

        string name = $"{CertificateAuthority.GuestPrefix}{Guid.NewGuid():D}";
        if (accounts.Authority.Issue(CertifiedKind.Guest, name, request.Span, proof!.Key.ToSubjectPublicKeyInfo(), out IssuedCertificate? issued) is { } problem)
        {
            await OAuthAnswers.RefuseAsync(context, new OAuthError(StatusCodes.Status400BadRequest, "bad_csr", problem));
            return;
        }

        DateTimeOffset end = new[] { now + s_longestToken, link.ExpiresAt, issued!.NotAfter }.Min();
        var meeting = new MeetingInstance(occurrence.Scheduled.Policy.Name.MeetingId, occurrence.Scheduled.Policy.Name.Instance);
        OAuthAnswers.Prepare(context, StatusCodes.Status200OK);
        await context.Response.WriteAsJsonAsync(
            new GuestAnswer(
                name,
                string.Concat(issued.Chain.Select(certificate => $"{PemEncoding.WriteString("CERTIFICATE", certificate)}\n")),
                accounts.Tokens.Guest(name, link.Organisation, link.Id, meeting, proof.Key, end),
                HubClaims.DeviceScheme,
                (long)(end - now).TotalSeconds,
                // Whoever gave a link out for it here holds it here.
                DeviceCalendarEndpoints.Item(occurrence with { Elsewhere = null })),
            context.RequestAborted);
    }

    private sealed record GuestAnswer(string Name, string Certificates, string AccessToken, string TokenType, long ExpiresIn, CalendarItem Meeting);

    private sealed record OAuthBody(string Error, string ErrorDescription);
}
