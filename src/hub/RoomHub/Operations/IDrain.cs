namespace RoomAgent.Hub.Operations;

/// <summary>Whoever holds connections: is asked to send everybody elsewhere before the process ends. A port; each one that is registered as a service is asked.</summary>
public interface IDrain
{
    /// <summary>Tells the clients to go to another hub, or to come again soon, and completes when they have gone.</summary>
    /// <param name="cancel">There is no more time: what is still here is cut off.</param>
    Task DrainAsync(CancellationToken cancel);
}
