using System.Security.Cryptography;
using Microsoft.AspNetCore.Mvc;
using RoomAgent.Hub.Devices;
using RoomAgent.Hub.People;

namespace RoomAgent.Hub.Pages;

/// <summary>Who this hub is.</summary>
internal sealed class AboutModel(PeopleDesk people, Accounts accounts) : HubPage(people)
{
    public string Words => accounts.Identity.Fingerprint;

    public string Address => accounts.Address.Url;

    public static string Version => Hosting.CommandLine.Version.ToString();

    public string RootHash => string.Join(' ', Convert.ToHexStringLower(SHA256.HashData(accounts.Authority.Root)).Chunk(4).Select(group => new string(group)));

    public IActionResult OnGet() => Page();
}
