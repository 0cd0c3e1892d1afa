using RoomAgent.Hub.Hosting;
using RoomAgent.Hub.Operations;
using RoomAgent.Hub.People;

namespace RoomAgent.Hub.Pages;

/// <summary>The hosts and ports that a network must allow.</summary>
internal sealed class NetworkModel(PeopleDesk people, HubSettings settings) : HubPage(people)
{
    public IReadOnlyList<NetworkNeed> Needs { get; private set; } = [];

    public void OnGet() => Needs = NetworkNeed.Of(settings);
}
