using RoomAgent.Enrolment;

namespace RoomAgent.Hub.Testing;

/// <summary>What a device knows of a hub.</summary>
public interface IDeviceHub
{
    /// <summary>Leads there.</summary>
    HttpClient Http { get; }

    /// <summary>Where it says that it is.</summary>
    HubAddress Address { get; }

    /// <summary>Its time.</summary>
    TimeProvider Clock { get; }
}
