using RoomAgent.Enrolment;

namespace RoomAgent.Hub.Devices;

/// <summary>What the hub alone does with activation codes.</summary>
internal static class ActivationCodes
{
    /// <summary>What stands in the database.</summary>
    public static byte[] HashWith(this ActivationCode code, CodeHash hash) => hash.Of("activation code", code.Reveal());
}
