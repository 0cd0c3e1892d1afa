using System.Diagnostics;
using RoomAgent.Testing;

namespace RoomAgent.Architecture.Tests;

/// <summary>The banned list of src/core, shown on a project that breaks every rule.</summary>
public sealed class PurityTests
{
    private static readonly string[] s_impurities =
    [
        "System.IO.File.ReadAllText(\"/etc/hostname\")",
        "new System.Net.Sockets.Socket(default, default, default)",
        "new System.Net.Http.HttpClient()",
        "System.DateTime.UtcNow",
        "System.DateTimeOffset.Now",
        "System.TimeProvider.System",
        "System.Diagnostics.Stopwatch.StartNew()",
        "new System.Threading.Lock()",
        "new System.Threading.Thread(() => { })",
        "System.Threading.Tasks.Task.Run(() => { })",
        "new System.Random()",
        "System.Guid.NewGuid()",
        "System.Security.Cryptography.RandomNumberGenerator.GetBytes(8)",
        "System.Security.Cryptography.SHA256.HashData(new byte[1])",
        "System.Security.Cryptography.CryptographicOperations.HashData(System.Security.Cryptography.HashAlgorithmName.SHA256, new byte[1])",
        "System.Security.Cryptography.SHA3_256.HashData(new byte[1])",
        "new System.Security.Cryptography.X509Certificates.X509Chain()",
        "System.Runtime.InteropServices.NativeLibrary.Load(\"libc.so.6\")",
        "System.DateTimeOffset.UnixEpoch.LocalDateTime",
        "System.DateTime.UnixEpoch.ToLocalTime()",
        "System.Diagnostics.Tracing.EventSource.CurrentThreadActivityId",
        "System.Environment.MachineName",
        "System.Console.In",
    ];

    [Fact]
    public void ACoreThatTouchesTheWorldDoesNotBuild()
    {
        string folder = Directory.CreateTempSubdirectory("impure-").FullName;
        string core = Path.Combine(Repository.Root, "src", "core");
        File.WriteAllText(Path.Combine(folder, "Directory.Build.props"), $"""<Project><Import Project="{core}/Directory.Build.props" /><PropertyGroup><ArtifactsPath>{folder}/artifacts</ArtifactsPath></PropertyGroup></Project>""");
        File.WriteAllText(Path.Combine(folder, "Directory.Build.targets"), $"""<Project><Import Project="{core}/Directory.Build.targets" /></Project>""");
        File.Copy(Path.Combine(core, "Wire", "packages.lock.json"), Path.Combine(folder, "packages.lock.json"), overwrite: true);
        File.Copy(Path.Combine(Repository.Root, "Directory.Packages.props"), Path.Combine(folder, "Directory.Packages.props"));
        File.WriteAllText(Path.Combine(folder, "Impure.csproj"), """<Project Sdk="Microsoft.NET.Sdk" />""");
        File.WriteAllLines(Path.Combine(folder, "Impure.cs"), ["internal static class Impure {", .. s_impurities.Select((code, i) => $"public static object F{i}() => {code};"), "}"]);

        string output = Build(folder);
        Directory.Delete(folder, recursive: true);

        string[] allowed = [.. s_impurities.Where((_, i) => !output.Contains($"Impure.cs({i + 2},", StringComparison.Ordinal))];
        Assert.Contains("error RS0030", output, StringComparison.Ordinal);
        Assert.True(allowed.Length == 0, $"These are not refused: {string.Join("; ", allowed)}\n{output}");
    }

    private static string Build(string folder)
    {
        using var build = Process.Start(new ProcessStartInfo("dotnet", ["build", "-c", "Release", "--nologo", "-v", "quiet", folder])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        Task<string> errors = build.StandardError.ReadToEndAsync();
        string output = build.StandardOutput.ReadToEnd();
        build.WaitForExit();
        Assert.NotEqual(0, build.ExitCode);
        return output + errors.Result;
    }
}
