namespace RoomAgent.Net.Tests;

public sealed class MediaProxyTests
{
    [Theory]
    [InlineData("http://proxy.example:3128", "http://proxy.example:3128/")]
    [InlineData("http://user:p%40ss@proxy.example:3128", "http://proxy.example:3128/")]
    [InlineData("http://user@192.0.2.1", "http://192.0.2.1/")]
    [InlineData("http://[2001:db8::1]:8080", "http://[2001:db8::1]:8080/")]
    public void AnAddressIsReadAndPrintedWithoutNameAndPassword(string text, string expected)
    {
        MediaProxy? proxy = MediaProxy.Parse(text);

        Assert.Equal(expected, proxy?.ToString());
    }

    [Fact]
    public void NameAndPasswordAreUnescaped()
    {
        System.Net.NetworkCredential? credential = MediaProxy.Parse("http://us%3Aer:p%40ss:word@proxy.example:3128")!.ToWebProxy().Credentials!.GetCredential(new Uri("http://proxy.example"), "Basic");

        Assert.Equal(("us:er", "p@ss:word"), (credential?.UserName, credential?.Password));
    }

    [Theory]
    [InlineData("")]
    [InlineData("proxy.example:3128")]
    [InlineData("https://proxy.example")]
    [InlineData("socks5://proxy.example")]
    [InlineData("http://")]
    public void AnythingElseIsNoProxy(string text) => Assert.Null(MediaProxy.Parse(text));

    [Theory]
    [InlineData("https_proxy", "", true)]
    [InlineData("HTTPS_PROXY", "", true)]
    [InlineData("http_proxy", "", false)]
    [InlineData("https_proxy", "other.example, node.example", false)]
    [InlineData("https_proxy", ".example", false)]
    [InlineData("https_proxy", "*.example", false)]
    [InlineData("https_proxy", "*", false)]
    [InlineData("https_proxy", "de.example", true)]
    public void TheEnvironmentNamesTheProxyAndTheExceptions(string variable, string none, bool expected)
    {
        MediaProxy? proxy = MediaProxy.FromEnvironment("node.example", name => name == variable ? "http://proxy.example:3128" : name == "no_proxy" ? none : null);

        Assert.Equal(expected, proxy is not null);
    }
}
