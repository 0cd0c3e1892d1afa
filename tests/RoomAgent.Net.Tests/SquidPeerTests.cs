using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;

namespace RoomAgent.Net.Tests;

/// <summary>Media on TLS 443 through a real proxy that wants a password (requirements G06, G19, J03).</summary>
[Trait("Category", "Peer")]
public sealed class SquidPeerTests
{
    [Theory]
    [InlineData("basic")]
    [InlineData("digest")]
    public async Task MediaOverTlsGoesThroughTheProxyAndMediaOverUdpAndTcpDoesNot(string scheme)
    {
        Assert.SkipUnless(Squid.Missing is null, Squid.Missing ?? "");
        await using TestNode node = await TestNode.StartAsync();
        using Squid squid = await Squid.StartAsync(scheme);
        TransportSettings settings = TestNode.Trusting with { Proxy = MediaProxy.Parse($"http://room:sec%20ret@{squid.Address}") };
        int received = 0;

        foreach (TransportKind kind in Enum.GetValues<TransportKind>())
        {
            await using IMediaTransport transport = await TransportTests.OpenAsync(node, kind, settings, (_, _) => Interlocked.Increment(ref received));
            int before = received;
            transport.Send([0x80, 1]);
            await Eventually.IsTrue(() => received > before, $"media over {kind}");
            Assert.Equal(kind == TransportKind.Tls, transport.Remote!.Equals(squid.Address));
        }
    }

    [Theory]
    [InlineData("basic")]
    [InlineData("digest")]
    public async Task WithoutTheRightPasswordTheProxyLetsNothingThrough(string scheme)
    {
        Assert.SkipUnless(Squid.Missing is null, Squid.Missing ?? "");
        await using TestNode node = await TestNode.StartAsync();
        using Squid squid = await Squid.StartAsync(scheme);

        foreach (string user in (string[])["", "room:wrong@"])
        {
            TransportSettings settings = TestNode.Trusting with { Proxy = MediaProxy.Parse($"http://{user}{squid.Address}") };
            await Assert.ThrowsAsync<TransportException>(() => TransportTests.OpenAsync(node, TransportKind.Tls, settings));
        }

        Assert.Equal(0, node.Connections.Count);
    }

    private sealed class Squid : IDisposable
    {
        private readonly Process _process;
        private readonly string _folder;

        private Squid(Process process, string folder, IPEndPoint address)
        {
            _process = process;
            _folder = folder;
            Address = address;
        }

        internal static string? Missing { get; } = File.Exists("/usr/sbin/squid") ? null : "this machine lacks: squid (apt install squid)";

        internal IPEndPoint Address { get; }

        internal static async Task<Squid> StartAsync(string scheme)
        {
            string folder = Directory.CreateTempSubdirectory("squid-").FullName;
            var address = new IPEndPoint(IPAddress.Parse("127.0.0.5"), FreePort());
            string helper = scheme == "basic" ? $"/usr/lib/squid/basic_ncsa_auth {folder}/users" : $"/usr/lib/squid/digest_file_auth -c {folder}/users";
            File.WriteAllText($"{folder}/users", scheme == "basic" ? $"room:{Apr1("sec ret")}\n" : $"room:media:{Md5("room:media:sec ret")}\n");
            File.WriteAllText($"{folder}/squid.conf", $"""
                http_port {address}
                auth_param {scheme} program {helper}
                auth_param {scheme} realm media
                auth_param {scheme} children 2 startup=1
                acl known proxy_auth REQUIRED
                http_access allow CONNECT known
                http_access deny all
                pid_filename none
                access_log none
                cache_log {folder}/log
                cache_store_log none
                netdb_filename none
                cache deny all
                coredump_dir {folder}
                shutdown_lifetime 0 seconds

                """);
            if (OperatingSystem.IsLinux())
                File.SetUnixFileMode(folder, (UnixFileMode)0b111_111_111);

            var squid = new Squid(Process.Start(new ProcessStartInfo("/usr/sbin/squid", ["-N", "-f", $"{folder}/squid.conf"]) { RedirectStandardError = true })!, folder, address);
            try
            {
                await Eventually.IsTrue(() => squid._process.HasExited || Answers(address), "squid");
                Assert.False(squid._process.HasExited, "squid has ended");
                return squid;
            }
            catch
            {
                squid.Dispose();
                throw;
            }
        }

        public void Dispose()
        {
            if (!_process.HasExited)
                _process.Kill(entireProcessTree: true);
            _process.WaitForExit();
            _process.Dispose();
            Directory.Delete(_folder, recursive: true);
        }

        private static bool Answers(IPEndPoint address)
        {
            using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
            try
            {
                socket.Connect(address);
                return true;
            }
            catch (SocketException)
            {
                return false;
            }
        }

        private static int FreePort()
        {
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            socket.Bind(new IPEndPoint(IPAddress.Parse("127.0.0.5"), 0));
            return ((IPEndPoint)socket.LocalEndPoint!).Port;
        }

        private static string Apr1(string password)
        {
            using Process openssl = Process.Start(new ProcessStartInfo("openssl", ["passwd", "-apr1", password]) { RedirectStandardOutput = true })!;
            string hash = openssl.StandardOutput.ReadToEnd().Trim();
            openssl.WaitForExit();
            return hash;
        }

#pragma warning disable CA5351 // HTTP Digest is made of it
        private static string Md5(string text) => Convert.ToHexStringLower(MD5.HashData(Encoding.UTF8.GetBytes(text)));
#pragma warning restore CA5351
    }
}
