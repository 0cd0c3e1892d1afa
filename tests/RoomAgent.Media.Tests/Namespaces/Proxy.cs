using System.Diagnostics;

namespace RoomAgent.Media.Tests.Namespaces;

/// <summary>A real squid on a host, which wants a password and lets CONNECT through to port 443.</summary>
internal sealed class Proxy : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("squid-").FullName;
    private readonly Process _squid;

    public Proxy(Host host, string address)
    {
        // Squid lowers its rights to a user of its own, who must be able to write here.
        File.SetUnixFileMode(_folder, (UnixFileMode)0b111_111_111);
        File.WriteAllText(Path.Combine(_folder, "users"), $"room:{host.Run("openssl", "passwd", "-apr1", "open sesame").Trim()}\n");
        File.WriteAllText(Path.Combine(_folder, "squid.conf"), $"""
            http_port {address}:3128
            visible_hostname proxy.lab.example
            dns_nameservers 127.0.0.1
            dns_timeout 1 second
            auth_param basic program /usr/lib/squid/basic_ncsa_auth {_folder}/users
            acl known proxy_auth REQUIRED
            acl tls port 443
            http_access deny !tls
            http_access allow known
            http_access deny all
            access_log stdio:{_folder}/access.log
            cache_log {_folder}/cache.log
            pid_filename none
            cache deny all
            shutdown_lifetime 0 seconds
            """);
        _squid = host.Start("squid", "-N", "-f", Path.Combine(_folder, "squid.conf"));
        Url = $"http://room:open%20sesame@{address}:3128";
        WaitUntilItListens(host);
    }

    public string Url { get; }

    /// <summary>What went through so far; a tunnel is written down when it ends.</summary>
    public string AccessLog() => File.ReadAllText(Path.Combine(_folder, "access.log"));

    public void Dispose()
    {
        if (!_squid.HasExited)
            _squid.Kill(entireProcessTree: true);
        _squid.WaitForExit();
        Directory.Delete(_folder, recursive: true);
    }

    private void WaitUntilItListens(Host host)
    {
        var waited = Stopwatch.StartNew();
        while (!host.Run("ss", "-Hltn", "sport = :3128").Contains("3128", StringComparison.Ordinal))
        {
            Assert.True(waited.Elapsed < TimeSpan.FromSeconds(20) && !_squid.HasExited, "squid does not listen.");
            Thread.Sleep(50);
        }
    }
}
