using System.Security.Claims;
using RoomAgent.Hub.Identity;

namespace RoomAgent.Hub.Devices;

/// <summary>
/// The body of a call, for the document of the API. Not <c>Accepts</c>, with which the web server itself would answer other content types, without saying what is wrong.
/// </summary>
/// <param name="Content">What is in it; bytes without one.</param>
/// <param name="ContentType">Its content type.</param>
internal sealed record ApiBody(Type? Content, string ContentType);

/// <summary>What the endpoints below <c>/api</c> have in common: who asks, refusals as problem details (RFC 9457), and what the document of the API says of them.</summary>
internal static class ApiAnswers
{
    /// <summary>A group of endpoints for administrators.</summary>
    public static RouteGroupBuilder MapAdministration(this IEndpointRouteBuilder endpoints, string tag) =>
        endpoints.MapGroup("/api").RequireAuthorization(HubClaims.AdministratorPolicy).WithTags(tag);

    /// <summary>The administrator who asks. The policy has seen that the claims are there.</summary>
    public static (string Id, OrganisationId Organisation, string OrganisationName) Administrator(HttpContext context)
    {
        ClaimsPrincipal user = context.User;
        OrganisationId organisation = OrganisationId.Read(user.FindFirstValue(HubClaims.Organisation)) ?? throw new InvalidOperationException("The administrator's organisation is not the id of one.");
        return (user.FindFirstValue(ClaimTypes.NameIdentifier)!, organisation, user.FindFirstValue(HubClaims.OrganisationName) ?? "");
    }

    /// <summary>A refusal in the words of OAuth.</summary>
    public static IResult Problem(OAuthError error) => Problem(error.Status, error.Error.Replace('_', '-'), error.Description);

    /// <summary>A request that is not a good one.</summary>
    public static IResult Invalid(string description) => Problem(OAuthError.InvalidRequest(description));

    /// <summary>A refusal with a word of its own.</summary>
    public static IResult Problem(int status, string word, string title) => Results.Problem(statusCode: status, title: title, type: $"urn:roomhub:problem:{word}");

    /// <summary>There is no such thing, or it belongs to others.</summary>
    public static IResult NotFound() => Problem(StatusCodes.Status404NotFound, "not-found", "There is nothing of that kind in this organisation.");

    /// <summary>Names an endpoint in the document.</summary>
    public static RouteHandlerBuilder Describe(this RouteHandlerBuilder endpoint, string name, string summary) =>
        endpoint.WithName(name).WithSummary(summary).Produces(StatusCodes.Status401Unauthorized).Produces(StatusCodes.Status403Forbidden).Produces(StatusCodes.Status503ServiceUnavailable);

    /// <summary>The body that an endpoint takes.</summary>
    public static RouteHandlerBuilder Takes<T>(this RouteHandlerBuilder endpoint)
        where T : notnull => endpoint.WithMetadata(new ApiBody(typeof(T), "application/json")).Refuses(400, 413);

    /// <summary>The body that an endpoint takes when it is not JSON.</summary>
    public static RouteHandlerBuilder TakesBytes(this RouteHandlerBuilder endpoint, string contentType) => endpoint.WithMetadata(new ApiBody(Content: null, contentType));

    /// <summary>The answer that an endpoint gives when all is well.</summary>
    public static RouteHandlerBuilder Gives<T>(this RouteHandlerBuilder endpoint, int status = StatusCodes.Status200OK) => endpoint.Produces<T>(status);

    /// <summary>The same, without content.</summary>
    public static RouteHandlerBuilder Gives(this RouteHandlerBuilder endpoint, int status) => endpoint.Produces(status);

    /// <summary>The refusals that an endpoint has beside those of all.</summary>
    public static RouteHandlerBuilder Refuses(this RouteHandlerBuilder endpoint, params int[] statuses)
    {
        foreach (int status in statuses)
            endpoint.ProducesProblem(status);
        return endpoint;
    }
}
