using Microsoft.Extensions.Configuration;
using RoomAgent.Hub.Hosting;

namespace RoomAgent.Hub.Tests;

/// <summary>What a hub makes of its settings.</summary>
public sealed class SettingsTests
{
    [Fact]
    public void RoomsAreToldTheMediaWebSocketInTheFormThatTheyRead()
    {
        IConfigurationRoot given = new ConfigurationBuilder().AddInMemoryCollection([new("data", "/nowhere"), new("address", "https://hub.example.org:8443")]).Build();

        HubSettings settings = HubSettings.Read(given, out _)!;

        // A description takes https alone as the scheme of a transport; rooms make wss of it.
        Assert.Equal(new Uri("https://hub.example.org:8443/media"), settings.Media.WebSocket);
    }
}
