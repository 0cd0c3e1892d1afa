namespace RoomAgent.Package.Tests;

/// <summary>What must be on this machine. A test that lacks something is skipped and says what to install.</summary>
public static class Prerequisites
{
    public static readonly IReadOnlyList<string> ToBuild = Missing(
        ("dpkg-buildpackage", "dpkg-dev"), ("dh", "debhelper"), ("make", "make"), ("git", "git"), ("dotnet", "dotnet-sdk-10.0"));

    public static readonly IReadOnlyList<string> ToBoot =
    [
        .. ToBuild,
        .. Missing(("debootstrap", "debootstrap"), ("systemd-nspawn", "systemd-container"), ("nsenter", "util-linux")),
        .. MayBoot() ? Array.Empty<string>() : ["the right to make namespaces (root, and not in a container that forbids it)"],
    ];

    public static IReadOnlyList<string> Missing(params (string Program, string Package)[] needs) =>
        [.. needs.Where(need => !IsOnThePath(need.Program)).Select(need => $"{need.Program} (apt install {need.Package})")];

    public static void Require(IReadOnlyList<string> missing) =>
        Assert.SkipWhen(missing.Count > 0, $"this machine lacks: {string.Join(", ", missing)}");

    private static bool IsOnThePath(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(folder => File.Exists(Path.Combine(folder, program)));

    private static bool MayBoot() =>
        Environment.IsPrivilegedProcess && IsOnThePath("unshare") && Command.Run("unshare", "--mount", "--pid", "--fork", "true").ExitCode == 0;
}
