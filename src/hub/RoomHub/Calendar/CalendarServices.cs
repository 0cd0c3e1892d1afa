using Microsoft.AspNetCore.Authentication;
using RoomAgent.Hub.Devices;
using RoomAgent.Hub.Meetings;

namespace RoomAgent.Hub.Calendar;

/// <summary>Brings rooms, meetings and calendars into a web application that has the accounts (<see cref="AccountServices"/>).</summary>
public static class CalendarServices
{
    /// <summary>Adds them. Whoever holds connections adds an <see cref="ICalendarListener"/>.</summary>
    /// <param name="services">The application's services.</param>
    /// <param name="mayPollPrivate">Whether calendars inside the own network may be polled.</param>
    public static IServiceCollection AddCalendar(this IServiceCollection services, bool mayPollPrivate)
    {
        services.AddAuthentication().AddScheme<AuthenticationSchemeOptions, GuestAuthentication>(HubClaims.GuestScheme, configureOptions: null);
        return services
            .AddSingleton<RoomStore>()
            .AddSingleton<PlanStore>()
            .AddSingleton<Planner>()
            .AddSingleton<Agenda>()
            .AddSingleton<OpenMeetings>()
            .AddSingleton<AnchorStore>()
            .AddSingleton<FeedStore>()
            .AddSingleton<GuestLinks>()
            .AddSingleton<Importer>()
            .AddSingleton(_ => new FeedClient(mayPollPrivate))
            .AddSingleton<MeetingDirectory>()
            .AddSingleton<IMeetingDirectory>(all => all.GetRequiredService<MeetingDirectory>())
            .AddHostedService<CalendarChanges>()
            .AddHostedService<CalendarWork>();
    }

    /// <summary>Maps all their endpoints.</summary>
    public static void MapCalendar(this IEndpointRouteBuilder endpoints)
    {
        endpoints.MapRooms();
        endpoints.MapMeetings();
        endpoints.MapOpenMeetings();
        endpoints.MapImport();
        endpoints.MapDeviceCalendar();
        endpoints.MapPersonCalendar();
        endpoints.MapGuests();
    }
}
