using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace RoomAgent.Package.Tests;

/// <summary>A minimal Debian of this machine's suite, made once by debootstrap, kept in the user's cache and copied for each use.</summary>
public static class BaseSystem
{
    // What a room device has before roomagent comes, and what packages/runtime-deb asks for.
    private const string Include = "systemd,systemd-sysv,dbus,udev,ca-certificates,tzdata";

    /// <summary>Another suite than this machine's can be tried by naming it in ROOMAGENT_TEST_SUITE.</summary>
    public static string Suite { get; } = Environment.GetEnvironmentVariable("ROOMAGENT_TEST_SUITE")
        ?? Command.Run("sh", "-c", ". /etc/os-release; echo $VERSION_CODENAME").Text;

    /// <param name="folder">Where.</param>
    /// <param name="needs">Packages that are in it besides: inside there is no network.</param>
    public static void CopyTo(string folder, IReadOnlyList<string> needs)
    {
        string include = string.Join(',', [Include, .. needs]);
        string kept = Path.Combine(CacheFolder(), $"{Suite}-{RuntimeInformation.OSArchitecture}-{Fingerprint(include)}");
        if (!Directory.Exists(kept))
            Make(kept, include);
        _ = Command.Run("cp", "--archive", "--reflink=auto", kept, folder).Text;
    }

    private static void Make(string kept, string include)
    {
        string making = $"{kept}.{Environment.ProcessId}";
        string[] mirror = Command.Run("apt-get", "indextargets", "--format", "$(REPO_URI)", $"Codename: {Suite}", "Component: main", "Identifier: Packages").Lines;
        string proxy = Command.Run("sh", "-c", "eval $(apt-config shell p Acquire::http::Proxy); echo $p").Text;
        try
        {
            // The mirror and the proxy that apt uses here; debootstrap has its own idea of a mirror when apt has none for this suite.
            string[] arguments = ["--variant=minbase", $"--include={include}", Suite, making, .. mirror.Take(1)];
            CommandResult result = Command.Run("debootstrap", arguments, start =>
            {
                if (proxy.Length > 0)
                    start.Environment["http_proxy"] = proxy;
            });
            Assert.True(result.ExitCode == 0, $"debootstrap could not make a {Suite}: {result.Output}");
            Directory.Delete(Path.Combine(making, "var/cache/apt/archives"), recursive: true);
            Directory.Move(making, kept);
        }
        finally
        {
            if (Directory.Exists(making))
                Directory.Delete(making, recursive: true);
        }
    }

    private static string CacheFolder()
    {
        string cache = Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { Length: > 0 } given
            ? given
            : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache");
        return Directory.CreateDirectory(Path.Combine(cache, "roomagent-tests")).FullName;
    }

    private static string Fingerprint(string text) => Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(text)), 0, 4);
}
