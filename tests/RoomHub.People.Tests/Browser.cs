using System.Collections.ObjectModel;
using OpenQA.Selenium;
using OpenQA.Selenium.Chrome;
using RoomAgent.Hub.Testing;
using RoomAgent.Testing;

namespace RoomAgent.Hub.Tests;

/// <summary>Chromium without a screen, led to a hub of this process whatever port that has, with a folder of its own.</summary>
public sealed class Browser : IDisposable
{
    private const string Program = "/usr/bin/chromium", Driver = "/usr/bin/chromedriver";

    private readonly string _folder = Directory.CreateTempSubdirectory("roomhub-browser-").FullName;
    private readonly ChromeDriverService _service;
    private readonly ChromeDriver _driver;
    private readonly RunningHub _hub;

    public Browser(RunningHub hub)
    {
        Assert.True(File.Exists(Program) && File.Exists(Driver), "this machine lacks: chromium (apt install chromium chromium-driver)");
        _hub = hub;
        var options = new ChromeOptions { BinaryLocation = Program, AcceptInsecureCertificates = true };
        options.AddArguments(
            "--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update",
            $"--user-data-dir={_folder}", "--window-size=1280,900", $"--host-resolver-rules=MAP {new Uri(hub.Address.Url).Host} {hub.EndPoint}, EXCLUDE localhost");
        _service = ChromeDriverService.CreateDefaultService(Path.GetDirectoryName(Driver), Path.GetFileName(Driver));
        _service.SuppressInitialDiagnosticInformation = true;
        _service.LogPath = Path.Combine(_folder, "driver.log");
        _driver = new ChromeDriver(_service, options, TimeSpan.FromMinutes(2));
        _driver.Manage().Timeouts().PageLoad = TimeSpan.FromMinutes(1);
        _driver.Manage().Timeouts().ImplicitWait = TimeSpan.FromSeconds(10);
    }

    public string Title => _driver.Title;

    public string Address => new Uri(_driver.Url).PathAndQuery;

    public string Text => _driver.FindElement(By.TagName("body")).Text;

    public void Open(string path) => _driver.Navigate().GoToUrl(_hub.Address.Of(path));

    public void Fill(string field, string text)
    {
        IWebElement input = _driver.FindElement(By.Name(field));
        input.Clear();
        input.SendKeys(text);
    }

    /// <summary>Clicks the link or button with that text, and waits until another page is there.</summary>
    public void Click(string text)
    {
        IWebElement page = _driver.FindElement(By.TagName("html"));
        IWebElement target = _driver.FindElement(By.XPath($"//main//*[self::a or self::button][contains(normalize-space(.), \"{text}\")]"));
        target.Click();
        WaitForAnother(page);
    }

    public void SignOut()
    {
        IWebElement page = _driver.FindElement(By.TagName("html"));
        _driver.FindElement(By.CssSelector("header button")).Click();
        WaitForAnother(page);
    }

    public string Value(string id) => _driver.FindElement(By.Id(id)).GetAttribute("value")!;

    public void SelectRadio(string id) => _driver.FindElement(By.Id(id)).Click();

    /// <summary>Presses Tab until the focus is at what a selector says.</summary>
    public void TabTo(string selector)
    {
        for (int i = 0; i < 200; i++)
        {
            if ((bool)_driver.ExecuteScript("return document.activeElement.matches(arguments[0])", selector)!)
            {
                Assert.NotEqual("none", (string)_driver.ExecuteScript("return getComputedStyle(document.activeElement).outlineStyle")!);
                return;
            }

            Press(Keys.Tab);
        }

        Assert.Fail($"the keyboard does not get to {selector} on {Title}: {Text}");
    }

    public void Press(string keys) => new OpenQA.Selenium.Interactions.Actions(_driver).SendKeys(keys).Perform();

    /// <summary>Presses Enter, and waits until another page is there.</summary>
    public void PressEnter()
    {
        IWebElement page = _driver.FindElement(By.TagName("html"));
        Press(Keys.Enter);
        WaitForAnother(page);
    }

    /// <summary>Presses Tab until the focus is at a link or button of the page with that text, then Enter.</summary>
    public void Choose(string text)
    {
        IWebElement target = _driver.FindElement(By.XPath($"//main//*[self::a or self::button][contains(normalize-space(.), \"{text}\")]"));
        _driver.ExecuteScript("for (const old of document.querySelectorAll('[data-wanted]')) old.removeAttribute('data-wanted'); arguments[0].setAttribute('data-wanted', '')", target);
        TabTo("[data-wanted]");
        PressEnter();
    }

    /// <summary>Goes to a field by the keyboard and types.</summary>
    public void Type(string id, string text)
    {
        TabTo($"#{id}");
        new OpenQA.Selenium.Interactions.Actions(_driver).KeyDown(Keys.Control).SendKeys("a").KeyUp(Keys.Control).SendKeys(text).Perform();
    }

    /// <summary>Goes to a field of day and time by the keyboard and types them, part by part.</summary>
    public void Type(string id, DateTime local)
    {
        TabTo($"#{id}");
        Press(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{local:MMddyyyy}{Keys.ArrowRight}{local:hhmmtt}"));
        Assert.Equal(local.ToString("yyyy-MM-dd'T'HH:mm", System.Globalization.CultureInfo.InvariantCulture), Value(id));
    }

    /// <summary>A picture of the whole page, for people to look at.</summary>
    public void Picture(string name)
    {
        string folder = Path.Combine(Repository.Root, "artifacts", "pages");
        Directory.CreateDirectory(folder);
        var options = new Dictionary<string, object?> { ["format"] = "png", ["captureBeyondViewport"] = true };
        var shot = (Dictionary<string, object>)_driver.ExecuteCdpCommand("Page.captureScreenshot", options)!;
        File.WriteAllBytes(Path.Combine(folder, name + ".png"), Convert.FromBase64String((string)shot["data"]));
    }

    /// <summary>The size of the window and the colours that its user likes.</summary>
    public void Look(int width, int height, bool dark = false)
    {
        _driver.ExecuteCdpCommand("Emulation.setDeviceMetricsOverride", new() { ["width"] = width, ["height"] = height, ["deviceScaleFactor"] = 1, ["mobile"] = width < 500 });
        var scheme = new Dictionary<string, object?> { ["name"] = "prefers-color-scheme", ["value"] = dark ? "dark" : "light" };
        _driver.ExecuteCdpCommand("Emulation.setEmulatedMedia", new() { ["features"] = new object[] { scheme } });
    }

    /// <summary>What somebody who cannot see well, or has a small screen, would stumble over on this page.</summary>
    public IReadOnlyList<string> Obstacles() => ((ReadOnlyCollection<object>)_driver.ExecuteScript(
        """
        const wrong = [];
        const luminance = rgb => { const [r, g, b] = rgb.map(v => { v /= 255; return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; }); return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
        const colour = text => text.match(/[\d.]+/g).map(Number);
        const ground = element => { for (let at = element; at; at = at.parentElement) { const c = colour(getComputedStyle(at).backgroundColor); if (c.length === 3 || c[3] > 0) return c.slice(0, 3); } return [255, 255, 255]; };
        for (const element of document.querySelectorAll('body *')) {
            const own = [...element.childNodes].some(node => node.nodeType === 3 && node.textContent.trim());
            const box = element.getBoundingClientRect();
            if (!own || box.width === 0 || box.right < 0) continue;
            const a = luminance(colour(getComputedStyle(element).color).slice(0, 3)), b = luminance(ground(element));
            const contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
            if (contrast < 4.5) wrong.push(`contrast ${contrast.toFixed(2)}: ${element.textContent.trim().slice(0, 40)}`);
        }
        for (const input of document.querySelectorAll('input:not([type=hidden]), select, textarea')) {
            if (!input.labels || input.labels.length === 0) wrong.push(`no label: ${input.name}`);
        }
        const ids = [...document.querySelectorAll('[id]')].map(element => element.id);
        for (const id of ids.filter((id, i) => ids.indexOf(id) !== i)) wrong.push(`id twice: ${id}`);
        for (const element of document.querySelectorAll('[aria-describedby]')) {
            for (const id of element.getAttribute('aria-describedby').split(' ')) if (!ids.includes(id)) wrong.push(`describes nothing: ${id}`);
        }
        if (document.querySelectorAll('h1').length !== 1) wrong.push('not one h1');
        let level = 0;
        for (const heading of document.querySelectorAll('main h1, main h2, main h3')) { const next = Number(heading.tagName[1]); if (level && next > level + 1) wrong.push(`heading jumps: ${heading.textContent}`); level = next; }
        if (!document.documentElement.lang || !document.title) wrong.push('no language or title');
        if (document.documentElement.scrollWidth > innerWidth) wrong.push(`${document.documentElement.scrollWidth} pixels wide in ${innerWidth}`);
        return wrong;
        """)!).Cast<string>().ToList();

    /// <summary>Looks at the page wide and light, narrow and dark: nothing is in the way of anybody.</summary>
    public void See(string name)
    {
        Look(1280, 900);
        Picture(name);
        Assert.Equal([], Obstacles());
        Look(320, 640, dark: true);
        Picture($"{name}-narrow");
        Assert.Equal([], Obstacles());
        Look(1280, 900);
    }

    public void Dispose()
    {
        _driver.Quit();
        _driver.Dispose();
        _service.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private void WaitForAnother(IWebElement page)
    {
        for (int i = 0; i < 300; i++)
        {
            try
            {
                _ = page.TagName;
            }
            catch (WebDriverException problem) when (problem is StaleElementReferenceException or NoSuchElementException || problem.Message.Contains("does not belong to the document", StringComparison.Ordinal))
            {
                return;
            }

            Thread.Sleep(100);
        }

        Assert.Fail($"no other page came after {Title}");
    }
}
