using System.Net;
using System.Text.RegularExpressions;
using RoomAgent.Hub.Testing;

namespace RoomAgent.Hub.Tests;

/// <summary>Somebody in front of a browser without a screen: keeps cookies, takes the token of a form from the page that has it, follows nothing by itself.</summary>
public sealed partial class Visitor(IVisitableHub hub, IPAddress? from = null) : IDisposable
{
    public const string Mailbox = "alice@school.example", Password = "correct horse battery staple";

    private readonly HttpClient _http = hub.NewClient(from: from);

    private string? _token;

    /// <summary>The secret in the cookie of the session, as it came last.</summary>
    public string? Session { get; private set; }

    /// <summary>The administrator of a hub that nobody has touched before.</summary>
    public static async Task<Visitor> FirstAsync(IVisitableHub hub)
    {
        var alice = new Visitor(hub);
        await alice.AcceptAsync(hub.FirstInvitation!, Mailbox, "Alice", Password, organisation: "School");
        await alice.SignInAsync(Mailbox, Password);
        return alice;
    }

    /// <summary>Accepts an invitation.</summary>
    public async Task AcceptAsync(Uri link, string? mailbox, string name, string password, string? organisation = null)
    {
        Page page = await GetAsync(link.AbsolutePath);
        Assert.Equal(HttpStatusCode.OK, page.Status);
        Page accepted = await PostAsync(link.AbsolutePath, ("Organisation", organisation), ("MailboxText", mailbox), ("Name", name), ("Password", password), ("Again", password));
        Assert.Equal("/sign-in?done=joined", accepted.Location);
    }

    /// <summary>Somebody whom this administrator invites, and who has signed in.</summary>
    public async Task<Visitor> InviteAsync(string mailbox, string role = "person", string password = "another horse without a battery")
    {
        var invited = new Visitor(hub);
        await invited.AcceptAsync(await InvitationAsync(mailbox, role), null, mailbox.Split('@')[0], password);
        await invited.SignInAsync(mailbox, password);
        return invited;
    }

    /// <summary>The link of an invitation that this administrator makes.</summary>
    public async Task<Uri> InvitationAsync(string mailbox, string role = "person")
    {
        await GetAsync("/people/invite");
        Page made = await PostAsync("/people/invite", ("MailboxText", mailbox), ("Name", ""), ("Role", role));
        return new Uri(Link().Match(made.Html).Value);
    }

    public async Task<Page> SignInAsync(string mailbox, string password, string? back = null)
    {
        await GetAsync("/sign-in");
        return await PostAsync("/sign-in", ("MailboxText", mailbox), ("Password", password), ("Back", back));
    }

    public async Task<bool> IsSignedInAsync() => (await GetAsync("/account")).Status == HttpStatusCode.OK;

    public Task<Page> GetAsync(string path) => SendAsync(new HttpRequestMessage(HttpMethod.Get, path));

    /// <summary>Sends a form with the token that came last.</summary>
    public Task<Page> PostAsync(string path, params (string Name, string? Value)[] fields) => SendAsync(Form(path, _token, fields));

    /// <summary>A form, with a token or without.</summary>
    public static HttpRequestMessage Form(string path, string? token, params (string Name, string? Value)[] fields)
    {
        var all = fields.Where(field => field.Value is not null).Select(field => KeyValuePair.Create(field.Name, field.Value!)).ToList();
        if (token is not null)
            all.Add(KeyValuePair.Create("__RequestVerificationToken", token));
        return new HttpRequestMessage(HttpMethod.Post, path) { Content = new FormUrlEncodedContent(all) };
    }

    public string Token => _token ?? throw new InvalidOperationException("No page with a form came yet.");

    public async Task<Page> SendAsync(HttpRequestMessage request)
    {
        using (request)
        {
            request.Headers.TryAddWithoutValidation("Accept", "text/html");
            HttpResponseMessage response = await _http.SendAsync(request);
            string html = await response.Content.ReadAsStringAsync();
            if (TokenField().Match(html) is { Success: true } token)
                _token = token.Groups[1].Value;
            if (response.Headers.TryGetValues("Set-Cookie", out var cookies) && cookies.FirstOrDefault(cookie => cookie.StartsWith("__Host-roomhub=", StringComparison.Ordinal)) is { } session)
                Session = session.Split('=', 2)[1].Split(';')[0];
            return new Page(response, html);
        }
    }

    public void Dispose() => _http.Dispose();

    [GeneratedRegex("name=\"__RequestVerificationToken\" type=\"hidden\" value=\"([^\"]+)\"")]
    private static partial Regex TokenField();

    [GeneratedRegex("https://[^\"]+/invitation/[A-Za-z0-9_-]+")]
    private static partial Regex Link();
}

/// <summary>An answer with a page, or without.</summary>
public sealed record Page(HttpResponseMessage Response, string Html)
{
    public HttpStatusCode Status => Response.StatusCode;

    public string? Location => Response.Headers.Location?.OriginalString;

    public string? Header(string name) => Response.Headers.TryGetValues(name, out var values) ? string.Join(", ", values) : null;
}
