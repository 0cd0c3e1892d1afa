using Microsoft.AspNetCore.Mvc;
using RoomAgent.Enrolment;
using RoomAgent.Hub.Devices;
using RoomAgent.Hub.People;
using RoomAgent.Native.OpenSsl;

namespace RoomAgent.Hub.Pages;

/// <summary>Activation codes: made, listed, made void.</summary>
internal sealed class CodesModel(PeopleDesk people, Accounts accounts) : HubPage(people)
{
    private const int MostShown = 100;

    public IReadOnlyList<OpenCode> Codes { get; private set; } = [];

    public ShownOnce? Made { get; private set; }

    [BindProperty]
    public string? DeviceName { get; set; }

    [BindProperty]
    public string? Form { get; set; }

    [BindProperty]
    public string? Hours { get; set; } = "24";

    public async Task OnGetAsync() => Codes = (await accounts.Pairing.ListCodesAsync(Me.Organisation, Cancel)).Take(MostShown).ToList();

    public async Task<IActionResult> OnPostMakeAsync()
    {
        ActivationCodeForm form = Form == "digits" ? ActivationCodeForm.Digits : ActivationCodeForm.Letters;
        string? name = Requests.Label(DeviceName);
        if (name is null)
            Refuse(nameof(DeviceName), "Use at most 100 letters.");
        int most = (int)ActivationCode.LongestLife(form).TotalHours;
        if (!int.TryParse(Hours, out int hours) || hours < 1 || hours > most)
            Refuse(nameof(Hours), $"Write a number from 1 to {most}.");
        if (ModelState.IsValid)
        {
            if (await accounts.MakeCodeAsync(form, Me.Organisation, Me.OrganisationName, name!, Actor, TimeSpan.FromHours(hours), Cancel) is { } made)
                Made = Show(form, made.Code);
            else
                Refuse("", "Too many codes are open. Make some of them void first.");
        }

        await OnGetAsync();
        return Page();
    }

    public async Task<IActionResult> OnPostRemoveAsync(Guid id) =>
        await accounts.Pairing.RemoveCodeAsync(Me.Organisation, id, Actor, Now, Cancel) ? Done("/devices/codes", "code-removed") : NotFound();

    private ShownOnce Show(ActivationCodeForm form, ActivationCode code)
    {
        List<(string, string, string)> values = [("made-code", "Activation code", code.RevealGrouped())];
        if (form == ActivationCodeForm.Letters)
            values.Insert(0, ("setup-code", "Setup code", new SetupCode(accounts.Address, accounts.Identity.KeyHash, code).Reveal(OpenSslCrypto.Instance)));
        string advice = form == ActivationCodeForm.Letters
            ? "Bring the setup code to the device as a file or on its own page: then the device also knows this hub for certain. The activation code alone can be typed."
            : "Type it at the device.";
        return new ShownOnce("The code is made", advice, values);
    }
}
