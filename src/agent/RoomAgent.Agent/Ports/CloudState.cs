namespace RoomAgent.Agent.Ports;

/// <summary>How things stand between this device and its hub, for screens and xAPI. Exactly one of the records in it.</summary>
public abstract record CloudState
{
    private CloudState()
    {
    }

    /// <summary>No hub is known: the device needs a setup code, or the address of its hub.</summary>
    public sealed record NoHub : CloudState;

    /// <summary>
    /// A hub answers that nobody has vouched for: its words are to be compared with those on the hub's page, and then confirmed (<see cref="IHubAccount.TrustHubAsync"/>).
    /// </summary>
    /// <param name="Words">Six words with hyphens between them.</param>
    public sealed record HubUnknown(string Words) : CloudState;

    /// <summary>Somebody answers who is not the hub that this device belongs to. Nothing was sent there. It is tried again by itself.</summary>
    /// <param name="Why">What is wrong.</param>
    public sealed record HubRefused(RefusedHub Why) : CloudState;

    /// <summary>The device waits for an administrator to enter its code.</summary>
    /// <param name="Code">What to enter.</param>
    /// <param name="Page">Where.</param>
    /// <param name="PageWithCode">The same with the code in it, for a QR code.</param>
    /// <param name="Digits">Six digits that the page must show too before anybody says yes.</param>
    /// <param name="Words">The words of the hub, for those who want to compare them.</param>
    /// <param name="ExpiresAt">When another code will be shown, by the hub's clock.</param>
    public sealed record Pairing(string Code, string Page, string PageWithCode, string Digits, string Words, DateTimeOffset ExpiresAt) : CloudState
    {
        /// <summary>Nothing of the code, which is worth something.</summary>
        public override string ToString() => "Pairing";
    }

    /// <summary>The device becomes a member, by an activation code or after its own was entered.</summary>
    public sealed record Registering : CloudState;

    /// <summary>An organisation has claimed the device, shown for 30 s so that people in the room can object.</summary>
    /// <param name="Organisation">What it is called.</param>
    public sealed record Claimed(string Organisation) : CloudState
    {
        /// <summary>Nothing of the name.</summary>
        public override string ToString() => "Claimed";
    }

    /// <summary>The device is a member and has tokens.</summary>
    /// <param name="Organisation">What the organisation is called.</param>
    /// <param name="Device">The device's account.</param>
    public sealed record Paired(string Organisation, string Device) : CloudState
    {
        /// <summary>Nothing of the name.</summary>
        public override string ToString() => $"Paired {Device}";
    }

    /// <summary>The hub does not answer, or cannot decide. It is tried again by itself; the account is as it was.</summary>
    /// <param name="Why">What is wrong with its answer; <see cref="HubFault.None"/> when it says itself that it cannot.</param>
    /// <param name="IsPaired">Whether the device has an account.</param>
    public sealed record Unreachable(HubFault Why, bool IsPaired) : CloudState;

    /// <summary>What the device has to keep could not be written. It is tried again by itself.</summary>
    public sealed record StorageFailed : CloudState;

    /// <summary>The device is no member, or not any more. Somebody has to pair it (<see cref="IHubAccount.PairAnewAsync"/>, or a setup code).</summary>
    /// <param name="Why">What happened.</param>
    public sealed record Unpaired(UnpairedReason Why) : CloudState;
}

/// <summary>What is wrong with a hub.</summary>
public enum RefusedHub
{
    /// <summary>It has another identity key: somebody else's hub at this address, or one that was set up anew. Move the device there with a new setup code, or mend the address.</summary>
    OtherIdentity,

    /// <summary>It is the hub, but not directly: something between serves TLS with a key of its own. Let the device through, or see the setting <c>hub.trusts-authorities</c>.</summary>
    OtherTlsKey,

    /// <summary>It says that it is at another address, without a signed move: use the address that the hub has for itself.</summary>
    OtherAddress,

    /// <summary>It could not sign the time: who answers does not have the hub's key.</summary>
    NotSigned,
}

/// <summary>Why a device is no member.</summary>
public enum UnpairedReason
{
    /// <summary>The hub does not know the account any more: an administrator reset its access, another device with its key was registered, or it was copied.</summary>
    AccessEnded,

    /// <summary>The hub refuses the tokens: they have expired, or a copy of them was used.</summary>
    TokensRefused,

    /// <summary>The hub refuses the activation code: it is wrong, was used for another device, or has expired.</summary>
    CodeRefused,

    /// <summary>The device's own key is not to be found any more.</summary>
    KeyLost,

    /// <summary>It has left.</summary>
    Left,
}
