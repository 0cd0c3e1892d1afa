using Microsoft.AspNetCore.Mvc;
using RoomAgent.Hub.Devices;
using RoomAgent.Hub.People;

namespace RoomAgent.Hub.Pages;

/// <summary>An administrator enters the code of a display, compares six digits, and says yes or no (RFC 8628 section 3.3). The link of a QR code fills the code in and does no more.</summary>
internal sealed class PairModel(PeopleDesk people, Accounts accounts) : HubPage(people)
{
    [BindProperty(SupportsGet = true, Name = "user_code")]
    public string? Given { get; set; }

    [BindProperty]
    public string? Code { get; set; }

    [BindProperty]
    public string? DeviceName { get; set; }

    [BindProperty]
    public string? Answer { get; set; }

    public DeviceGrant? Waiting { get; private set; }

    public string Digits { get; private set; } = "";

    // What is no code is not repeated.
    public void OnGet() => Code = UserCode.Read(Given)?.Reveal();

    public async Task<IActionResult> OnPostAsync()
    {
        await LookUpAsync();
        return Page();
    }

    public async Task<IActionResult> OnPostDecideAsync()
    {
        string? name = Requests.Label(DeviceName);
        if (name is null)
            Refuse(nameof(DeviceName), "Use at most 100 letters.");
        if (Answer is not ("yes" or "no"))
            Refuse("", "Say yes or no.");
        if (!ModelState.IsValid)
        {
            await LookUpAsync();
            return Page();
        }

        if (Begin() is not { } code)
            return Page();
        if (!await accounts.Grants.DecideAsync(code.HashWith(accounts.Codes), Answer == "yes", Me.Organisation, Me.OrganisationName, name!, Actor, Now, Cancel))
        {
            RefuseCode();
            return Page();
        }

        accounts.UserCodeGuesses.WasRight(Guesser);
        return Done("/devices", Answer == "yes" ? "approved" : "denied");
    }

    // The same count as for calls of the API.
    private string Guesser => $"{Me.Organisation}/{Actor}";

    private async Task LookUpAsync()
    {
        if (Begin() is not { } code)
            return;

        Waiting = await accounts.Grants.FindAsync(code.HashWith(accounts.Codes), Now, Cancel);
        if (Waiting is null)
        {
            RefuseCode();
            return;
        }

        accounts.UserCodeGuesses.WasRight(Guesser);
        Digits = Confirmation.Digits(Waiting.Thumbprint.Span, Waiting.Nonce);
        Code = code.Reveal();
    }

    private UserCode? Begin()
    {
        if (UserCode.Read(Code) is not { } code)
            Refuse(nameof(Code), "Write the eight letters that the display shows.");
        else if (!accounts.UserCodeGuesses.TryBegin(Guesser, out TimeSpan wait))
            Refuse(nameof(Code), wait < TimeSpan.FromMinutes(1) ? "Many codes are being entered at the moment. Wait a few seconds, then try again." : "Too many wrong codes were entered. Wait for ten minutes, then try again.");
        else
            return code;
        return null;
    }

    private void RefuseCode() => Refuse(nameof(Code), "No device shows this code now. Look at the display again: it may have a new one.");
}
