using System.Net;
using RoomAgent.Hub.Testing;

namespace RoomAgent.Hub.Tests;

/// <summary>What devices often do in these tests.</summary>
internal static class DeviceSteps
{
    /// <summary>From an activation code to the first tokens.</summary>
    public static async Task PairAsync(this TestDevice device, Administrator administrator)
    {
        Answer registered = await device.RegisterAsync(await administrator.MakeCodeAsync());
        Assert.Equal(HttpStatusCode.Created, registered.Status);
        Assert.Equal(HttpStatusCode.OK, (await device.FirstTokensAsync()).Status);
    }

    /// <summary>Whether a call with the access token is let in.</summary>
    public static async Task<bool> HasAccessAsync(this TestDevice device) => (await device.CallAsync("/test/mls")).Status == HttpStatusCode.OK;
}
