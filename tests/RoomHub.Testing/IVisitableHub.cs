using System.Net;

namespace RoomAgent.Hub.Testing;

/// <summary>A hub whose pages can be opened, in this process or in one of its own.</summary>
public interface IVisitableHub
{
    /// <summary>The link that a new hub prints on the console.</summary>
    Uri? FirstInvitation { get; }

    /// <summary>A client that takes this hub's own certificate, with cookies of its own, perhaps from another address of this machine.</summary>
    HttpClient NewClient(bool followsRedirects = false, IPAddress? from = null);
}
