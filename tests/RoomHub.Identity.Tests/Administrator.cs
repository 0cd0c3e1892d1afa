using System.Net;
using System.Net.Http.Json;
using RoomAgent.Enrolment;
using RoomAgent.Hub.Devices;
using RoomAgent.Hub.Identity;
using RoomAgent.Hub.Testing;

namespace RoomAgent.Hub.Tests;

/// <summary>A person with rights in one organisation, who calls the hub.</summary>
public sealed class Administrator(TestHub hub, OrganisationId organisation, string organisationName, string id)
{
    public OrganisationId Organisation => organisation;

    public string Role { get; init; } = HubClaims.AdministratorRole;

    public async Task<Answer> SendAsync(HttpMethod method, string path, object? body = null) => await Answer.ReadAsync(await SendRawAsync(method, path, body is null ? null : JsonContent.Create(body)));

    public async Task<HttpResponseMessage> SendRawAsync(HttpMethod method, string path, HttpContent? content)
    {
        using var request = new HttpRequestMessage(method, path) { Content = content };
        request.Headers.Add(TestHub.PersonHeader, $"{organisation}|{organisationName}|{id}|{Role}");
        return await hub.Http.SendAsync(request);
    }

    public Task<Answer> PostAsync(string path, object? body = null) => SendAsync(HttpMethod.Post, path, body);

    public Task<Answer> GetAsync(string path) => SendAsync(HttpMethod.Get, path);

    /// <summary>Makes an activation code.</summary>
    public async Task<ActivationCode> MakeCodeAsync(string form = "letters", int? hours = null, string name = "Room 1")
    {
        Answer made = await PostAsync("/api/activation-codes", new { device_name = name, form, life_hours = hours });
        Assert.Equal(HttpStatusCode.Created, made.Status);
        return ActivationCode.Read(made.Text("code"))!;
    }

    /// <summary>Enters the code of a display and says yes.</summary>
    public Task<Answer> ApproveAsync(string userCode, string name = "Room 1", bool approve = true) =>
        PostAsync("/api/pairing/decision", new { user_code = userCode, approve, device_name = name });

    public async Task<IReadOnlyList<string>> EventsAsync()
    {
        Answer events = await GetAsync("/api/access-events");
        return [.. events.Body!.AsArray().Reverse().Select(noted => (string)noted!["kind"]!)];
    }
}
