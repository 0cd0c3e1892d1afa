using RoomAgent.Hub.Devices;
using RoomAgent.Hub.Identity;

namespace RoomAgent.Hub.Calendar;

/// <summary>A room as administrators send it.</summary>
internal sealed record RoomRequest
{
    public required string Name { get; init; }

    public required string Zone { get; init; }

    public string? Mailbox { get; init; }

    public Guid? Device { get; init; }

    public string? Owner { get; init; }

    public string? Address { get; init; }
}

/// <summary>Reads rooms, whether they come by the API or from a page.</summary>
internal static class RoomBodies
{
    /// <summary>The longest lasting address, in letters.</summary>
    public const int MaxAddress = 50;

    /// <summary>Reads a room.</summary>
    /// <param name="body">What was sent.</param>
    /// <param name="organisation">Whose it is to be.</param>
    /// <param name="id">Which it is to be.</param>
    /// <param name="fault">What is wrong with it.</param>
    public static Room? Read(RoomRequest body, OrganisationId organisation, Guid id, out BodyFault? fault)
    {
        fault = new BodyFault(nameof(RoomRequest.Name), "name is 1 to 100 letters without control characters");
        if (Requests.Label(body.Name) is not { Length: > 0 } name)
            return null;

        fault = new BodyFault(nameof(RoomRequest.Zone), "zone is the IANA name of a time zone, such as Europe/Berlin");
        if (!Zones.IsKnown(body.Zone))
            return null;

        string? mailbox = Mailbox.Read(body.Mailbox);
        string? owner = Mailbox.Read(body.Owner);
        bool isMailboxWrong = body.Mailbox is not null && mailbox is null;
        fault = new BodyFault(isMailboxWrong ? nameof(RoomRequest.Mailbox) : nameof(RoomRequest.Owner), "mailbox and owner are mailboxes in ASCII, such as room1@example.org");
        if (isMailboxWrong || (body.Owner is not null && owner is null))
            return null;

        fault = new BodyFault(nameof(RoomRequest.Address), $"a personal room has an owner and an address of 3 to {MaxAddress} small letters, digits and hyphens; others have neither");
        if (body.Address is null != body.Owner is null || (body.Address is { } address && !IsAddress(address)))
            return null;

        fault = null;
        return new Room(id, organisation, name, body.Zone, mailbox, body.Device is { } device ? new DeviceId(device) : null, owner, body.Address);
    }

    private static bool IsAddress(string text) =>
        text.Length is >= 3 and <= MaxAddress && text.All(letter => char.IsAsciiLetterLower(letter) || char.IsAsciiDigit(letter) || letter == '-') && text[0] != '-' && text[^1] != '-';
}
