using System.Net;
using System.Net.Http.Json;
using System.Text;
using RoomAgent.Hub.Testing;

namespace RoomAgent.Hub.Tests;

/// <summary>What another site makes a browser send, and what pages tell the browser.</summary>
public sealed class CrossSiteTests(PeopleHub shared) : IClassFixture<PeopleHub>
{
    [Theory]
    [InlineData("/people/invite", "MailboxText=eve@school.example&Role=administrator")]
    [InlineData("/settings?handler=Name", "Name=Thieves")]
    [InlineData("/devices/reset-all", "")]
    [InlineData("/account?handler=Everywhere", "")]
    [InlineData("/sign-out", "")]
    [InlineData("/sign-in", "MailboxText=a@b.example&Password=x")]
    public async Task AFormWithoutItsTokenIsRefused(string path, string fields)
    {
        using Visitor alice = await shared.SignInAsync();
        await alice.GetAsync("/account");
        (string, string?)[] named = [.. fields.Split('&', StringSplitOptions.RemoveEmptyEntries).Select(field => field.Split('=')).Select(field => (field[0], (string?)field[1]))];

        foreach (string? token in (string?[])[null, "", "CfDJ8AAAA", alice.Token[..^4] + "AAAA"])
        {
            Page refused = await alice.SendAsync(Visitor.Form(path, token, named));
            Assert.Equal(HttpStatusCode.BadRequest, refused.Status);
            Assert.Contains("This form cannot be used any more", refused.Html, StringComparison.Ordinal);
        }

        Assert.True(await alice.IsSignedInAsync());
        Assert.DoesNotContain("eve@school.example", (await alice.GetAsync("/people")).Html, StringComparison.Ordinal);
        Assert.Contains(">School<", (await alice.GetAsync("/")).Html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task TheTokenOfSomebodyElseIsNoToken()
    {
        using Visitor alice = await shared.SignInAsync();
        using Visitor bob = await shared.PersonAsync();
        await alice.GetAsync("/account");
        await bob.GetAsync("/account");

        Assert.Equal(HttpStatusCode.BadRequest, (await alice.SendAsync(Visitor.Form("/devices/reset-all", bob.Token))).Status);
    }

    [Theory]
    [InlineData("Origin", "https://evil.example")]
    [InlineData("Origin", "null")]
    [InlineData("Origin", "http://hub.example.org")]
    [InlineData("Origin", "https://hub.example.org:8443")]
    [InlineData("Sec-Fetch-Site", "cross-site")]
    [InlineData("Sec-Fetch-Site", "same-site")]
    public async Task WhatComesFromAnotherSiteIsRefusedEvenWithTheToken(string header, string value)
    {
        using Visitor alice = await shared.SignInAsync();
        await alice.GetAsync("/account");

        HttpRequestMessage form = Visitor.Form("/sign-out", alice.Token);
        form.Headers.Add(header, value);
        Assert.Equal(HttpStatusCode.Forbidden, (await alice.SendAsync(form)).Status);

        var call = new HttpRequestMessage(HttpMethod.Post, "/api/activation-codes") { Content = JsonContent.Create(new { device_name = "Room" }) };
        call.Headers.Add("X-Requested-With", "test");
        call.Headers.Add(header, value);
        Assert.Equal(HttpStatusCode.Forbidden, (await alice.SendAsync(call)).Status);
        Assert.True(await alice.IsSignedInAsync());
    }

    [Fact]
    public async Task TheApiTakesASessionFromAProgramAndNotFromAForm()
    {
        using Visitor alice = await shared.SignInAsync();

        // What a form of another site can send: three content types, or no body at all.
        foreach (string type in (string[])["application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/plain", "TEXT/PLAIN; charset=utf-8"])
        {
            var content = new StringContent("{\"device_name\":\"Room\"}", Encoding.UTF8);
            content.Headers.Remove("Content-Type");
            content.Headers.TryAddWithoutValidation("Content-Type", type);
            Assert.Equal(HttpStatusCode.Forbidden, (await alice.SendAsync(new HttpRequestMessage(HttpMethod.Post, "/api/activation-codes") { Content = content })).Status);
        }

        Assert.Equal(HttpStatusCode.Forbidden, (await alice.SendAsync(new HttpRequestMessage(HttpMethod.Post, "/api/devices/reset-access"))).Status);

        // What it can not.
        Assert.Equal(HttpStatusCode.Created, (await alice.SendAsync(new HttpRequestMessage(HttpMethod.Post, "/api/activation-codes") { Content = JsonContent.Create(new { device_name = "Room" }) })).Status);
        var call = new HttpRequestMessage(HttpMethod.Post, "/api/devices/reset-access");
        call.Headers.Add("X-Requested-With", "test");
        Assert.Equal(HttpStatusCode.OK, (await alice.SendAsync(call)).Status);
    }

    [Theory]
    [InlineData(null, HttpStatusCode.Forbidden)]
    [InlineData("https://evil.example", HttpStatusCode.Forbidden)]
    [InlineData("https://hub.example.org", HttpStatusCode.OK)]
    public async Task AWebSocketWithASessionSaysThatItComesFromHere(string? origin, HttpStatusCode expected)
    {
        using Visitor alice = await shared.SignInAsync();
        var opening = new HttpRequestMessage(HttpMethod.Get, "/api/devices");
        opening.Headers.Add("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==");
        if (origin is not null)
            opening.Headers.Add("Origin", origin);

        Assert.Equal(expected, (await alice.SendAsync(opening)).Status);
    }

    [Theory]
    [InlineData("/sign-in")]
    [InlineData("/people")]
    [InlineData("/nothing")]
    [InlineData("/style.css")]
    [InlineData("/api/devices")]
    [InlineData("/api/nothing")]
    public async Task EveryAnswerTellsTheBrowserToBeCareful(string path)
    {
        using Visitor alice = await shared.SignInAsync();

        Page page = await alice.GetAsync(path);

        Assert.Equal("default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'", page.Header("Content-Security-Policy"));
        Assert.Equal("nosniff", page.Header("X-Content-Type-Options"));
        Assert.Equal("DENY", page.Header("X-Frame-Options"));
        Assert.Equal("same-origin", page.Header("Referrer-Policy"));
        Assert.Contains("camera=()", page.Header("Permissions-Policy"), StringComparison.Ordinal);
        Assert.Equal("same-origin", page.Header("Cross-Origin-Opener-Policy"));
        Assert.Null(page.Header("Strict-Transport-Security"));
        Assert.Equal(path == "/style.css", page.Header("Cache-Control")?.Contains("max-age", StringComparison.Ordinal));
        Assert.DoesNotContain("<script", page.Html, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("style=", page.Html, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task WithACertificateThatBrowsersKnowTheyComeBackByTlsAlone()
    {
        RunningHub first = await RunningHub.StartAsync();
        string data = first.Settings.Data;
        await using RunningHub hub = await first.RestartAsync(change: settings => settings with { Certificate = (Path.Combine(data, "tls.pem"), Path.Combine(data, "tls-key.pem")) });

        HttpResponseMessage answer = await hub.Http.GetAsync("/sign-in");

        Assert.Equal("max-age=31536000", answer.Headers.GetValues("Strict-Transport-Security").Single());
    }

    [Theory]
    [InlineData("PUT", "/people/invite")]
    [InlineData("DELETE", "/devices")]
    [InlineData("PATCH", "/settings")]
    [InlineData("POST", "/about")]
    [InlineData("POST", "/audit")]
    [InlineData("GET", "/people?handler=Remove&id=6d1ea7dd-7f3c-4a0f-9c68-1e1ffd5a1c11")]
    [InlineData("TRACE", "/")]
    public async Task APageKnowsItsOwnMethodsAlone(string method, string path)
    {
        using Visitor alice = await shared.SignInAsync();
        await alice.GetAsync("/account");
        HttpRequestMessage request = method == "GET" ? new HttpRequestMessage(HttpMethod.Get, path) : Visitor.Form(path, alice.Token);
        request.Method = HttpMethod.Parse(method);

        Page page = await alice.SendAsync(request);

        // A handler that is not there for GET is the list itself, which changes nothing.
        Assert.Equal(method == "GET" ? HttpStatusCode.OK : HttpStatusCode.MethodNotAllowed, page.Status);
    }

    [Fact]
    public async Task FormsThatAreTooLargeAreRefused()
    {
        using Visitor alice = await shared.SignInAsync();
        await alice.GetAsync("/account");

        Page many = await alice.PostAsync("/settings?handler=Name", [.. Enumerable.Range(0, 100).Select(i => ($"field{i}", (string?)"x"))]);
        Page one = await alice.PostAsync("/settings?handler=Name", ("Name", new string('x', 5_000)));
        HttpRequestMessage tooLarge = Visitor.Form("/settings?handler=Name", alice.Token, ("Name", new string('x', 70_000)));
        tooLarge.Headers.ExpectContinue = true;
        Page large = await alice.SendAsync(tooLarge);

        Assert.Equal(HttpStatusCode.BadRequest, many.Status);
        Assert.Equal(HttpStatusCode.BadRequest, one.Status);
        Assert.Contains(large.Status, (HttpStatusCode[])[HttpStatusCode.BadRequest, HttpStatusCode.RequestEntityTooLarge]);
    }
}
