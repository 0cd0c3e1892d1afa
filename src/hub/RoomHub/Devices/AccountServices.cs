using System.Text.Json;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Diagnostics;
using RoomAgent.Hub.Identity;
using RoomAgent.Hub.Store;

namespace RoomAgent.Hub.Devices;

/// <summary>Brings the accounts into a web application.</summary>
public static class AccountServices
{
    /// <summary>Adds the accounts, the authentication of devices, the policies of <see cref="HubClaims"/> and the hourly tidying.</summary>
    /// <remarks>The application uses its exception handlers (<c>UseExceptionHandler</c>), one of which answers for a database that does not. The authentication of people is the application's; it makes principals with the claims of <see cref="HubClaims"/>.</remarks>
    public static IServiceCollection AddAccounts(this IServiceCollection services, Accounts accounts)
    {
        services.AddSingleton(accounts);
        services.AddAuthentication(authentication => authentication.DefaultScheme ??= HubClaims.DeviceScheme).AddScheme<AuthenticationSchemeOptions, DeviceAuthentication>(HubClaims.DeviceScheme, configureOptions: null);
        services.ConfigureHttpJsonOptions(json => json.SerializerOptions.PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower);
        services.AddAuthorization(HubClaims.AddPolicies);
        services.AddExceptionHandler<NoDatabase>();
        services.AddHostedService<Tidying>();
        return services;
    }

    /// <summary>Maps all endpoints of identities and accounts.</summary>
    public static void MapAccounts(this IEndpointRouteBuilder endpoints, HubPresence presence)
    {
        endpoints.MapHubIdentity(presence);
        endpoints.MapCertificates();
        endpoints.MapPairing();
        endpoints.MapRegistration();
        endpoints.MapTokens();
        endpoints.MapDeviceAdministration();
        endpoints.MapUpdates();
    }

    /// <summary>While the database does not answer, nothing is decided: 503, and come again.</summary>
    private sealed class NoDatabase(ILogger<Accounts> log) : IExceptionHandler
    {
        public async ValueTask<bool> TryHandleAsync(HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
        {
            if (exception is not StoreException)
                return false;

            AccountLog.NoDatabase(log, exception);
            await OAuthAnswers.RefuseAsync(httpContext, OAuthError.NoDatabase, TimeSpan.FromSeconds(5));
            return true;
        }
    }

    private sealed class Tidying(Accounts accounts, ILogger<Accounts> log) : BackgroundService
    {
        protected override async Task ExecuteAsync(CancellationToken stoppingToken)
        {
            using var hourly = new PeriodicTimer(TimeSpan.FromHours(1), accounts.Clock);
            while (await hourly.WaitForNextTickAsync(stoppingToken))
            {
                try
                {
                    await accounts.TidyAsync(stoppingToken);
                    if (accounts.Authority.NeedsRoot)
                        AccountLog.NeedsRoot(log);
                }
                catch (Exception problem) when (problem is not OperationCanceledException)
                {
                    AccountLog.NotTidied(log, problem);
                }
            }
        }
    }
}
