using System.Net;
using RoomAgent.Enrolment;
using RoomAgent.Hub.Devices;
using RoomAgent.Hub.Testing;
using RoomAgent.Native.OpenSsl;
using RoomAgent.Wire;

namespace RoomAgent.Hub.Tests;

/// <summary>The pages in a real browser, as people use them (issue 6: invitation, login, pair, revoke; D13, E24, E25, L03, L15).</summary>
[Trait("Category", "Peer")]
public sealed class BrowserTests
{
    [Fact]
    public async Task FromTheInvitationToADeviceThatIsPairedAndLosesItsAccess()
    {
        await using RunningHub hub = await RunningHub.StartAsync();
        using var browser = new Browser(hub);

        // 1. set up and sign in
        browser.Open(hub.FirstInvitation!.AbsolutePath);
        browser.See("invitation");
        SetUp(browser, "short");
        Assert.StartsWith("Error: ", browser.Title, StringComparison.Ordinal);
        browser.See("invitation-refused");
        SetUp(browser, Visitor.Password);
        browser.See("sign-in");
        SignIn(browser, "not the password");
        browser.See("sign-in-refused");
        SignIn(browser, Visitor.Password);
        Assert.Equal("Riverside School - RoomHub", browser.Title);
        browser.See("home");

        // 2. pair
        var device = new TestDevice(hub);
        Answer started = await device.StartPairingAsync("SN-4711", "Raspberry Pi 5");
        Assert.Equal("authorization_pending", (await device.PollAsync(started.Text("device_code"))).Error);
        browser.Open($"/pair?user_code={started.Text("user_code")}");
        browser.See("pair");
        browser.Click("Continue");
        browser.See("consent");
        string digits = Confirmation.Digits(device.PublicKey.Thumbprint, Base64UrlText.Decode(started.Text("confirmation_nonce"))!);
        Assert.Contains($"{digits[..3]} {digits[3..]}", browser.Text, StringComparison.Ordinal);
        Assert.Contains("SN-4711", browser.Text, StringComparison.Ordinal);
        browser.Fill("DeviceName", "Library");
        browser.Click("Yes, the digits are the same");
        Assert.Equal("/devices?done=approved", browser.Address);

        // 3. the device goes on by itself
        await Task.Delay(TimeSpan.FromSeconds(GrantStore.FirstPause));
        Answer approved = await device.PollAsync(started.Text("device_code"));
        Assert.Equal("Riverside School", approved.Text("organisation_name"));
        Assert.Equal(HttpStatusCode.Created, (await device.RegisterAsync("DPoP", approved.Text("access_token"))).Status);
        Assert.Equal(HttpStatusCode.OK, (await device.FirstTokensAsync()).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await device.CallAsync("/certificates/device", HttpMethod.Post)).Status);
        browser.Open("/devices");
        Assert.Contains("Library", browser.Text, StringComparison.Ordinal);
        browser.See("devices");
        browser.Click("Library");
        browser.See("device");

        // 4. and loses its access
        browser.Click("End its access");
        browser.See("device-reset");
        browser.Click("End its access");
        Assert.Contains("Ended by an administrator", browser.Text, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Unauthorized, (await device.CallAsync("/certificates/device", HttpMethod.Post)).Status);

        // 5. everything else is there to be seen
        browser.Open("/devices/codes");
        browser.Fill("DeviceName", "Hall");
        browser.Click("Make a code");
        Assert.NotNull(SetupCode.Read(browser.Value("setup-code"), OpenSslCrypto.Instance));
        browser.See("codes");
        browser.Open("/people/invite");
        browser.See("invite");
        browser.Fill("MailboxText", "bob@riverside.example");
        browser.Fill("Name", "Bob Example");
        browser.SelectRadio("role-administrator");
        browser.Click("Make an invitation");
        Assert.Contains("/invitation/", browser.Value("link"), StringComparison.Ordinal);
        browser.See("invited");
        foreach (string page in (string[])["people", "settings", "audit", "about", "account", "devices/reset-all", "nothing"])
        {
            browser.Open($"/{page}");
            browser.See(page.Replace('/', '-'));
        }

        browser.Open("/people");
        browser.Click("Alice Example");
        Assert.Equal("Alice Example - RoomHub", browser.Title);
        browser.See("person");
        browser.SignOut();
        Assert.Equal("/sign-in?done=signed-out", browser.Address);
        browser.See("signed-out");
    }

    [Fact]
    public async Task TheKeyboardIsEnoughToSignInAndPairADevice()
    {
        await using RunningHub hub = await RunningHub.StartAsync();
        using var browser = new Browser(hub);
        browser.Open(hub.FirstInvitation!.AbsolutePath);

        // One begins in the first field.
        browser.TabTo("#Organisation");
        browser.Press("School");
        foreach ((string field, string text) in ((string, string)[])[("#MailboxText", Visitor.Mailbox), ("#Name", "Alice"), ("#Password", Visitor.Password), ("#Again", Visitor.Password)])
        {
            browser.Press(OpenQA.Selenium.Keys.Tab);
            browser.TabTo(field);
            browser.Press(text);
        }

        browser.PressEnter();
        browser.TabTo("#MailboxText");
        browser.Press(Visitor.Mailbox);
        browser.TabTo("#Password");
        browser.Press(Visitor.Password);
        browser.TabTo("main button");
        browser.PressEnter();
        Assert.Equal("School - RoomHub", browser.Title);

        // The first stop leads past the navigation.
        browser.TabTo("a.skip");
        browser.Press(OpenQA.Selenium.Keys.Enter);
        browser.TabTo("main a[href='/pair']");
        browser.PressEnter();

        var device = new TestDevice(hub);
        Answer started = await device.StartPairingAsync();
        browser.TabTo("#Code");
        browser.Press("BBBB-BBBB");
        browser.PressEnter();
        Assert.Contains("No device shows this code", browser.Text, StringComparison.Ordinal);

        // A hub looks at one wrong code a second.
        await Task.Delay(TimeSpan.FromSeconds(1.5));

        // After a refusal the focus is at what went wrong, and its link leads to the field.
        browser.TabTo("[role=alert]");
        browser.TabTo("[role=alert] a");
        browser.Press(OpenQA.Selenium.Keys.Enter);
        browser.TabTo("#Code");
        browser.Press(OpenQA.Selenium.Keys.End + string.Concat(Enumerable.Repeat(OpenQA.Selenium.Keys.Backspace, "BBBB-BBBB".Length)));
        browser.Press(started.Text("user_code"));
        browser.PressEnter();
        browser.TabTo("#DeviceName");
        browser.Press("Library");
        browser.TabTo("button[value=yes]");
        browser.PressEnter();

        Assert.Equal("/devices?done=approved", browser.Address);
        Answer approved = await device.PollAsync(started.Text("device_code"));
        Assert.Equal("School", approved.Text("organisation_name"));
    }

    private static void SetUp(Browser browser, string password)
    {
        browser.Fill("Organisation", "Riverside School");
        browser.Fill("MailboxText", Visitor.Mailbox);
        browser.Fill("Name", "Alice Example");
        browser.Fill("Password", password);
        browser.Fill("Again", password);
        browser.Click("Set password");
    }

    private static void SignIn(Browser browser, string password)
    {
        browser.Fill("MailboxText", Visitor.Mailbox);
        browser.Fill("Password", password);
        browser.Click("Sign in");
    }
}
