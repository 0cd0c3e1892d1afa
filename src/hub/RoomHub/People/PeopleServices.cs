using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http.Features;
using RoomAgent.Hub.Devices;
using RoomAgent.Hub.Pages;
using RoomAgent.Hub.Store;

namespace RoomAgent.Hub.People;

/// <summary>Brings people and their pages into the hub.</summary>
internal static class PeopleServices
{
    /// <summary>The cookie that belongs to the tokens of forms.</summary>
    public const string FormCookie = "__Host-roomhub-form";

    /// <summary>Adds people, their authentication (which is the default) and the pages. Called before the accounts of devices, so that pages answer for their own failures.</summary>
    public static IServiceCollection AddPeople(this IServiceCollection services, PeopleDesk people)
    {
        services.AddSingleton(people);
        services.AddAuthentication(SessionAuthentication.SchemeName)
            .AddScheme<AuthenticationSchemeOptions, SessionAuthentication>(SessionAuthentication.SchemeName, configureOptions: null)
            .AddScheme<AuthenticationSchemeOptions, ProgramAuthentication>(HubClaims.ProgramScheme, configureOptions: null);
        services.AddExceptionHandler<PageFailure>();
        services.AddHostedService<Tidying>();

        services.AddDataProtection().SetApplicationName("RoomHub");
        services.Configure<KeyManagementOptions>(keys =>
        {
            keys.XmlRepository = people.Keys;
            keys.XmlEncryptor = new FormKeyEncryptor(people.Secret);
        });

        // Bodies are small already; this is for what is in them. A calendar that is uploaded stays in memory: who meets whom is not for a folder of temporary files.
        services.Configure<FormOptions>(form => (form.ValueCountLimit, form.KeyLengthLimit, form.ValueLengthLimit, form.MemoryBufferThreshold) = (50, 100, 4_000, 2 * Calendar.ImportEndpoints.MaxFile));
        services.Configure<AntiforgeryOptions>(tokens =>
        {
            tokens.Cookie = new CookieBuilder { Name = FormCookie, HttpOnly = true, SecurePolicy = CookieSecurePolicy.Always, SameSite = SameSiteMode.Strict, Path = "/", IsEssential = true };
            tokens.SuppressXFrameOptionsHeader = true;
        });
        services.AddRazorPages(pages =>
        {
            pages.Conventions.AuthorizeFolder("/", HubClaims.PersonPolicy);
            pages.Conventions.AuthorizeFolder("/Administration", HubClaims.AdministratorPolicy);
            pages.Conventions.AllowAnonymousToFolder("/Welcome");
        }).AddMvcOptions(mvc => mvc.SuppressImplicitRequiredAttributeForNonNullableReferenceTypes = true);
        return services;
    }

    /// <summary>What comes before everything else: headers, and pages for what went wrong.</summary>
    public static void UsePageAnswers(this IApplicationBuilder web, bool isCertificateOurOwn)
    {
        web.UseMiddleware<PageSecurity>(isCertificateOurOwn);
        web.UseStatusCodePages(status => PageRequests.IsPage(status.HttpContext) ? ProblemPage.WriteAsync(status.HttpContext) : Task.CompletedTask);
    }

    /// <summary>What stands between authentication and authorisation.</summary>
    public static void UseCrossSiteGuard(this IApplicationBuilder web, PeopleDesk people) => web.UseMiddleware<CrossSiteGuard>(people.Address);

    /// <summary>Maps the pages and what they look like.</summary>
    public static void MapPeople(this IEndpointRouteBuilder endpoints)
    {
        endpoints.MapRazorPages();
        endpoints.MapPrograms();
        endpoints.MapGet(StyleSheet.Path, StyleSheet.WriteAsync);
    }

    /// <summary>When a page fails its user gets one that says so, and why it may work later.</summary>
    private sealed class PageFailure(ILogger<PeopleDesk> log) : IExceptionHandler
    {
        public async ValueTask<bool> TryHandleAsync(HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
        {
            // The handler of failures has taken the endpoint away, and keeps it.
            Endpoint? endpoint = httpContext.Features.Get<IExceptionHandlerFeature>()?.Endpoint;
            if (endpoint?.Metadata.GetMetadata<Microsoft.AspNetCore.Mvc.RazorPages.PageActionDescriptor>() is null && !PageRequests.IsPage(httpContext))
                return false;

            PeopleLog.PageFailed(log, exception);
            httpContext.Response.StatusCode = exception is StoreException ? StatusCodes.Status503ServiceUnavailable : StatusCodes.Status500InternalServerError;
            await ProblemPage.WriteAsync(httpContext);
            return true;
        }
    }

    private sealed class Tidying(PeopleDesk people, ILogger<PeopleDesk> log) : BackgroundService
    {
        protected override async Task ExecuteAsync(CancellationToken stoppingToken)
        {
            using var hourly = new PeriodicTimer(TimeSpan.FromHours(1), people.Clock);
            while (await hourly.WaitForNextTickAsync(stoppingToken))
            {
                try
                {
                    await people.Sessions.ForgetAsync(people.Clock.GetUtcNow(), stoppingToken);
                }
                catch (Exception problem) when (problem is not OperationCanceledException)
                {
                    PeopleLog.NotTidied(log, problem);
                }
            }
        }
    }
}
