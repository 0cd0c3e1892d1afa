using System.Net;
using Microsoft.Extensions.DependencyInjection;
using RoomAgent.Hub.Calendar;
using RoomAgent.Hub.Identity;
using RoomAgent.Hub.People;
using RoomAgent.Hub.Testing;

namespace RoomAgent.Hub.Tests;

/// <summary>A hub with accounts and calendars, an administrator, and who was told of changed calendars.</summary>
public sealed class CalendarHub : IAsyncLifetime, ICalendarListener
{
    private readonly List<DeviceId> _told = [];

    public TestHub Hub { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Hub = await TestHub.StartAsync(
        add: (hub, services) => services.AddSingleton<TimeProvider>(hub.Clock).AddSingleton(hub.Database).AddSingleton<ICalendarListener>(this).AddCalendar(mayPollPrivate: false),
        map: web => web.MapCalendar());

    public ValueTask DisposeAsync() => Hub.DisposeAsync();

    public T Get<T>()
        where T : notnull => Hub.Services.GetRequiredService<T>();

    public int ToldOf(DeviceId device)
    {
        lock (_told)
            return _told.Count(told => told == device);
    }

    public Task CalendarChangedAsync(DeviceId device, CancellationToken cancel)
    {
        lock (_told)
            _told.Add(device);
        return Task.CompletedTask;
    }

    public Task CalendarsMayHaveChangedAsync(CancellationToken cancel) => Task.CompletedTask;

    /// <summary>Somebody with an account in an organisation, which is made when there is none yet.</summary>
    internal async Task<PersonId> AddPersonAsync(OrganisationId organisation, string mailbox)
    {
        PersonId person = PersonId.New();
        DateTimeOffset now = Hub.Clock.GetUtcNow();
        await Hub.Database.WriteAsync(async transaction =>
        {
            await transaction.ExecuteAsync($"INSERT INTO organisation (organisation, name, created_at) VALUES ({organisation.ToBytes()}, {"School"}, {now}) ON CONFLICT (organisation) DO NOTHING");
            await transaction.ExecuteAsync(
                $"INSERT INTO person (person, organisation, mailbox, name, role, password, created_at) VALUES ({person.ToBytes()}, {organisation.ToBytes()}, {mailbox}, {"Somebody"}, {Roles.Person}, {"-"}, {now})");
        });
        return person;
    }

    /// <summary>A device of an organisation in a room of that name.</summary>
    public async Task<(TestDevice Device, Guid Room)> PairIntoRoomAsync(Administrator administrator, string room)
    {
        var device = new TestDevice(Hub);
        Assert.Equal(HttpStatusCode.Created, (await device.RegisterAsync(await administrator.MakeCodeAsync(name: room))).Status);
        Assert.Equal(HttpStatusCode.OK, (await device.FirstTokensAsync()).Status);
        Answer placed = await administrator.SendAsync(HttpMethod.Put, $"/api/devices/{device.ClientId}/room", new { zone = "Europe/Berlin" });
        Assert.Equal(HttpStatusCode.OK, placed.Status);
        return (device, Guid.Parse(placed.Text("id")));
    }
}
