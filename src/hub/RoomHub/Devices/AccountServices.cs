using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using RoomAgent.Hub.Identity;

namespace RoomAgent.Hub.Devices;

/// <summary>Brings the accounts into a web application.</summary>
public static class AccountServices
{
    /// <summary>Adds the accounts, the authentication of devices, the policies of <see cref="HubClaims"/> and the hourly tidying.</summary>
    /// <remarks>The authentication of people is the application's; it makes principals with the claims of <see cref="HubClaims"/>.</remarks>
    public static IServiceCollection AddAccounts(this IServiceCollection services, Accounts accounts)
    {
        services.AddSingleton(accounts);
        services.AddAuthentication().AddScheme<AuthenticationSchemeOptions, DeviceAuthentication>(HubClaims.DeviceScheme, configureOptions: null);
        services.AddAuthorization(HubClaims.AddPolicies);
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
