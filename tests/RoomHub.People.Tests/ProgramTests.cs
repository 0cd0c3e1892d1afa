using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using RoomAgent.Hub.People;
using RoomAgent.Hub.Testing;

namespace RoomAgent.Hub.Tests;

/// <summary>People who sign in with a program instead of a browser: what they get, what that is good for, and what ends it.</summary>
public sealed class ProgramTests(PeopleHub shared) : IClassFixture<PeopleHub>
{
    private const string SessionPath = "/session";

    private RunningHub Hub => shared.Hub;

    [Fact]
    public async Task APasswordGivesATokenThatGetsTheCertificateOfTheMailbox()
    {
        (TestDevice program, Answer answer) = await SignInAsync();

        Assert.Equal(("DPoP", "Alice", "School", Visitor.Mailbox), (answer.Text("token_type"), answer.Text("name"), answer.Text("organisation_name"), answer.Text("mailbox")));
        Assert.InRange(answer.Number("expires_in"), 60, 12 * 3600);
        Assert.False(answer.Response.Headers.Contains("Set-Cookie"));
        Assert.Contains("no-store", answer.Header("Cache-Control"), StringComparison.Ordinal);

        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        HttpResponseMessage certified = (await program.CallAsync("/session/certificate", HttpMethod.Post, () => Request(key))).Response;
        Assert.Equal(HttpStatusCode.OK, certified.StatusCode);
        var chain = new X509Certificate2Collection();
        chain.ImportFromPem(await certified.Content.ReadAsStringAsync());
        Assert.Equal(3, chain.Count);
        Assert.Contains(Visitor.Mailbox, chain[0].Extensions.Single(extension => extension.Oid!.Value == "2.5.29.17").Format(false), StringComparison.Ordinal);

        // Keys have one purpose.
        Assert.Equal("bad_csr", (await program.CallAsync("/session/certificate", HttpMethod.Post, () => Request(program.Key))).Error);
    }

    [Fact]
    public async Task TheTokenOfAnAdministratorAdministersNothing()
    {
        (TestDevice program, _) = await SignInAsync();

        foreach (string path in (string[])["/api/devices", "/api/meetings", "/api/open-meetings", "/calendar", "/account", "/people", "/settings"])
            Assert.False((await program.CallAsync(path)).Response.IsSuccessStatusCode, path);
        foreach (string path in (string[])["/certificates/device", "/certificates/guest", "/certificates/person", "/api/activation-codes"])
            Assert.Equal(HttpStatusCode.Unauthorized, (await program.CallAsync(path, HttpMethod.Post, () => Request(program.Key))).Status);
        Assert.Equal(HttpStatusCode.OK, (await program.CallAsync("/session/calendar")).Status);
    }

    [Fact]
    public async Task ATokenIsWorthNothingWithoutItsKeyOrTwiceWithOneProof()
    {
        (TestDevice program, _) = await SignInAsync();
        Assert.Equal("invalid_token", (await new TestDevice(Hub) { AccessToken = program.AccessToken }.CallAsync("/session/calendar")).Error);

        // Replay: the same proof again.
        string proof = program.Proof("GET", "/session/calendar", program.AccessToken);
        Assert.Equal(HttpStatusCode.OK, (await SendAsync(proof)).Status);
        Answer again = await SendAsync(proof);
        Assert.Equal((HttpStatusCode.Unauthorized, "invalid_dpop_proof"), (again.Status, again.Error));

        async Task<Answer> SendAsync(string with)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/session/calendar");
            request.Headers.Add("DPoP", with);
            request.Headers.TryAddWithoutValidation("Authorization", $"DPoP {program.AccessToken}");
            return await Answer.ReadAsync(await Hub.Http.SendAsync(request));
        }
    }

    [Fact]
    public async Task SigningInItselfIsProvenOnceForEachTime()
    {
        shared.Clock.Advance(TimeSpan.FromMinutes(20));
        var program = new TestDevice(Hub);
        await program.SendAsync(HttpMethod.Post, SessionPath, () => TestDevice.Json(new JsonObject()));
        string proof = program.Proof("POST", SessionPath, token: null);

        Assert.Equal(HttpStatusCode.OK, (await SendAsync()).Status);
        Assert.Equal("invalid_dpop_proof", (await SendAsync()).Error);
        proof = "";
        Assert.Equal("invalid_dpop_proof", (await SendAsync()).Error);

        async Task<Answer> SendAsync()
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, SessionPath) { Content = Credentials(Visitor.Mailbox, Visitor.Password) };
            if (proof.Length > 0)
                request.Headers.Add("DPoP", proof);
            return await Answer.ReadAsync(await Hub.Http.SendAsync(request));
        }
    }

    [Fact]
    public async Task EveryWrongSignInGetsTheSameAnswerAndTheSixthNone()
    {
        using Visitor bob = await shared.PersonAsync();
        using Visitor alice = await shared.SignInAsync();
        string mailbox = await MailboxOfAsync(bob);
        var program = new TestDevice(Hub);

        Answer wrong = await TryAsync(program, mailbox, "not the password");
        Answer nobody = await TryAsync(program, "nobody@school.example", "not the password");
        Assert.Equal((HttpStatusCode.BadRequest, "invalid_grant"), (wrong.Status, wrong.Error));
        Assert.Equal(wrong.Body!.ToJsonString(), nobody.Body!.ToJsonString());

        for (int i = 0; i < 4; i++)
            await TryAsync(program, mailbox, "not the password");
        Answer late = await TryAsync(program, mailbox, "another horse without a battery");
        Assert.Equal(HttpStatusCode.TooManyRequests, late.Status);
        Assert.NotNull(late.Header("Retry-After"));

        // By the page it is the same count.
        using var browser = new Visitor(Hub);
        Assert.Equal(HttpStatusCode.TooManyRequests, (await browser.SignInAsync(mailbox, "another horse without a battery")).Status);
    }

    [Fact]
    public async Task WhatIsNoSignInIsRefused()
    {
        var program = new TestDevice(Hub);
        Assert.Equal("invalid_request", (await program.SendAsync(HttpMethod.Post, SessionPath, () => new StringContent("x"))).Error);
        Assert.Equal("invalid_request", (await program.SendAsync(HttpMethod.Post, SessionPath, () => TestDevice.Json(new JsonObject { ["mailbox"] = Visitor.Mailbox }))).Error);
        Assert.Equal("invalid_request", (await program.SendAsync(HttpMethod.Post, SessionPath, () => TestDevice.Json(new JsonObject { ["mailbox"] = "a@b.example", ["password"] = "x", ["role"] = "administrator" }))).Error);
        Assert.Equal("invalid_request", (await program.SendAsync(HttpMethod.Post, SessionPath, () => TestDevice.Json(new JsonObject { ["mailbox"] = 1, ["password"] = "x" }))).Error);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, (await program.SendAsync(HttpMethod.Post, SessionPath, () => Credentials("a@b.example", new string('x', 20_000)))).Status);
        Assert.Equal("invalid_grant", (await program.SendAsync(HttpMethod.Post, SessionPath, () => Credentials("a@b.example", new string('x', 5_000)))).Error);
    }

    [Theory]
    [InlineData("signs out")]
    [InlineData("is switched off")]
    [InlineData("changes the password")]
    [InlineData("ends all sessions")]
    [InlineData("waits too long")]
    public async Task WhatEndsASessionEndsTheToken(string what)
    {
        using Visitor bob = await shared.PersonAsync();
        string mailbox = await MailboxOfAsync(bob);
        shared.Clock.Advance(TimeSpan.FromMinutes(20));
        var program = new TestDevice(Hub);
        program.AccessToken = (await TryAsync(program, mailbox, "another horse without a battery")).Text("access_token");
        Assert.Equal(HttpStatusCode.OK, (await program.CallAsync("/session/calendar")).Status);
        var people = Hub.Get<PeopleDesk>();
        Person person = (await people.Store.FindByMailboxAsync(mailbox))!.Value.Person;

        switch (what)
        {
            case "signs out":
                Assert.Equal(HttpStatusCode.NoContent, (await program.CallAsync(SessionPath, HttpMethod.Delete)).Status);
                break;
            case "is switched off":
                using (Visitor alice = await shared.SignInAsync())
                {
                    await alice.GetAsync($"/people/{person.Id}");
                    Assert.Equal(HttpStatusCode.Redirect, (await alice.PostAsync($"/people/{person.Id}?handler=Disable")).Status);
                }

                break;
            case "changes the password":
                await bob.GetAsync("/account");
                await bob.PostAsync("/account?handler=Password", ("Present", "another horse without a battery"), ("Next", "a third horse with new batteries"), ("Again", "a third horse with new batteries"));
                break;
            case "ends all sessions":
                await people.Sessions.EndAllAsync(person, Hub.Clock.GetUtcNow());
                break;
            case "waits too long":
                shared.Clock.Advance(TimeSpan.FromMinutes(31));
                break;
        }

        Answer after = await program.CallAsync("/session/calendar");
        Assert.Equal((HttpStatusCode.Unauthorized, "invalid_token"), (after.Status, after.Error));
        if (what == "is switched off")
            Assert.Equal("invalid_grant", (await TryAsync(program, mailbox, "another horse without a battery")).Error);
    }

    [Fact]
    public async Task ABrowserIsLedNeitherToSignInNorToActByAnotherSite()
    {
        // A form cannot prove a key, and a cookie is no token here.
        using Visitor alice = await shared.SignInAsync();
        var call = new HttpRequestMessage(HttpMethod.Delete, SessionPath);
        call.Headers.Add("X-Requested-With", "test");
        Assert.Equal(HttpStatusCode.Unauthorized, (await alice.SendAsync(call)).Status);
        Assert.True(await alice.IsSignedInAsync());

        var form = new HttpRequestMessage(HttpMethod.Post, SessionPath) { Content = new FormUrlEncodedContent([new("mailbox", Visitor.Mailbox), new("password", Visitor.Password)]) };
        Assert.Equal(HttpStatusCode.Forbidden, (await alice.SendAsync(form)).Status);
        using var stranger = new Visitor(Hub);
        form = new HttpRequestMessage(HttpMethod.Post, SessionPath) { Content = new FormUrlEncodedContent([new("mailbox", Visitor.Mailbox), new("password", Visitor.Password)]) };
        Assert.Equal(HttpStatusCode.BadRequest, (await stranger.SendAsync(form)).Status);
        Assert.Null(stranger.Session);
    }

    [Fact]
    public async Task ATokenIsRenewedWithinItsSessionAndNoLonger()
    {
        (TestDevice program, _) = await SignInAsync();
        string first = program.AccessToken!;
        for (int i = 0; i < 24; i++)
        {
            shared.Clock.Advance(TimeSpan.FromMinutes(29));
            Answer renewed = await program.CallAsync("/session/token", HttpMethod.Post);
            Assert.Equal(HttpStatusCode.OK, renewed.Status);
            Assert.InRange(renewed.Number("expires_in"), 1, 12 * 3600 - ((i + 1) * 29 * 60));
            program.AccessToken = renewed.Text("access_token");
        }

        Assert.NotEqual(first, program.AccessToken);
        shared.Clock.Advance(TimeSpan.FromMinutes(25));
        Assert.Equal("invalid_token", (await program.CallAsync("/session/token", HttpMethod.Post)).Error);

        // Nobody else's.
        Assert.Equal(HttpStatusCode.Unauthorized, (await new TestDevice(Hub) { AccessToken = program.AccessToken }.CallAsync("/session/token", HttpMethod.Post)).Status);
    }

    [Fact]
    public async Task NobodyConnectsAsTwo()
    {
        using Visitor bob = await shared.PersonAsync();
        (TestDevice program, _) = await SignInAsync();
        string path = $"/signal/bodies/{new string('0', 64)}/x";

        Assert.Equal(HttpStatusCode.NotFound, await AskAsync(null));
        Assert.Equal(HttpStatusCode.Forbidden, await AskAsync(bob.Session));

        async Task<HttpStatusCode> AskAsync(string? session)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, path);
            request.Headers.Add("DPoP", program.Proof("GET", path, program.AccessToken));
            request.Headers.TryAddWithoutValidation("Authorization", $"DPoP {program.AccessToken}");
            if (session is not null)
                request.Headers.Add("Cookie", $"__Host-roomhub={session}");
            using HttpResponseMessage response = await Hub.Http.SendAsync(request);
            return response.StatusCode;
        }
    }

    [Fact]
    public async Task TheSessionStandsBesideThoseOfBrowsersAndInTheAuditLog()
    {
        (TestDevice program, _) = await SignInAsync();
        var people = Hub.Get<PeopleDesk>();
        Person alice = (await people.Store.FindByMailboxAsync(Visitor.Mailbox))!.Value.Person;
        Session[] sessions = [.. await people.Sessions.ListAsync(alice.Id, Hub.Clock.GetUtcNow())];

        Assert.True(await people.Sessions.EndAsync(alice.Id, sessions[0].Id));

        Assert.Equal("invalid_token", (await program.CallAsync("/session/calendar")).Error);
    }

    private async Task<(TestDevice Program, Answer Answer)> SignInAsync()
    {
        // An hour later than the one before, so that nobody is locked out.
        shared.Clock.Advance(TimeSpan.FromMinutes(20));
        var program = new TestDevice(Hub);
        Answer answer = await TryAsync(program, Visitor.Mailbox, Visitor.Password);
        Assert.Equal(HttpStatusCode.OK, answer.Status);
        program.AccessToken = answer.Text("access_token");
        return (program, answer);
    }

    private static Task<Answer> TryAsync(TestDevice program, string mailbox, string password) => program.SendAsync(HttpMethod.Post, SessionPath, () => Credentials(mailbox, password));

    private static HttpContent Credentials(string mailbox, string password) => TestDevice.Json(new JsonObject { ["mailbox"] = mailbox, ["password"] = password });

    private static async Task<string> MailboxOfAsync(Visitor person)
    {
        Page page = await person.GetAsync("/account");
        return System.Text.RegularExpressions.Regex.Match(page.Html, "person[0-9]+@school\\.example").Value;
    }

    private static ByteArrayContent Request(ECDsa key) => new(new CertificateRequest("", key, HashAlgorithmName.SHA256).CreateSigningRequest())
    {
        Headers = { ContentType = new MediaTypeHeaderValue("application/pkcs10") },
    };
}
