using System.Diagnostics;
using System.Runtime.CompilerServices;
using RoomAgent.Native.OpenSsl;

namespace RoomAgent.Crypto.Tests;

/// <summary>How the library begins and ends, which takes a process of its own to see: such a test starts this program once more with itself alone.</summary>
public sealed class LibraryTests
{
    private const string Alone = "ROOMAGENT_TEST_ALONE";

    [Fact]
    public void TheLibraryNamesItsVersion() => Assert.StartsWith("OpenSSL 3.", OpenSslLibrary.Version);

    [Fact]
    public void AProcessEndsInPeaceWhileThreadsAreAtWork()
    {
        if (IsAlone())
        {
            for (int i = 0; i < 4; i++)
                new Thread(SignForEver) { IsBackground = true }.Start();

            Thread.Sleep(50);
            Environment.Exit(42);
        }

        for (int i = 0; i < 3; i++)
            Assert.Equal(42, RunAlone().ExitCode);
    }

    [Fact]
    public void AMissingLibraryIsNamedTogetherWithItsPackage()
    {
        // A file in its place that is no library, and that the loader finds first.
        string folder = Directory.CreateTempSubdirectory("no-libcrypto-").FullName;
        File.WriteAllBytes(Path.Combine(folder, "libcrypto.so.3"), []);
        (int exitCode, string output) = RunAlone(libraries: folder);
        Directory.Delete(folder, recursive: true);

        Assert.Equal(42, exitCode);
        Assert.Contains("libcrypto.so.3 of OpenSSL 3 was not found. Install the package libssl3", output, StringComparison.Ordinal);
    }

    // Before the test platform: it uses .NET's classes on the same library, and whoever calls that first decides how it ends.
    [ModuleInitializer]
    internal static void CallTheLibraryFirst()
    {
        if (IsAlone(nameof(AProcessEndsInPeaceWhileThreadsAreAtWork)))
            OpenSslRandom.Instance.Fill(new byte[1]);

        if (IsAlone(nameof(AMissingLibraryIsNamedTogetherWithItsPackage)))
        {
            var missing = Assert.Throws<DllNotFoundException>(() => OpenSslCrypto.Instance);
            Assert.Throws<DllNotFoundException>(() => OpenSslRandom.Instance);
            Console.WriteLine(missing.Message);
            Environment.Exit(42);
        }
    }

    private static bool IsAlone([CallerMemberName] string test = "") => Environment.GetEnvironmentVariable(Alone) == test;

    private static void SignForEver()
    {
        using Secret privateKey = SignatureKeys.Generate(OpenSslCrypto.Instance, OpenSslRandom.Instance, SignatureScheme.EcdsaSecp256r1Sha256);
        byte[] signature = new byte[SignatureScheme.EcdsaSecp256r1Sha256.LargestSignature()];
        while (true)
        {
            using SigningKey key = OpenSslCrypto.Instance.ImportSigningKey(SignatureScheme.EcdsaSecp256r1Sha256, privateKey.Bytes)!;
            key.Sign("message"u8, signature);
        }
    }

    // Runs the calling test in a process of its own.
    private static (int ExitCode, string Output) RunAlone(string? libraries = null, [CallerMemberName] string test = "")
    {
        string program = typeof(LibraryTests).Assembly.Location;
        using var process = Process.Start(new ProcessStartInfo("dotnet", [program, "--filter-method", $"*.{nameof(LibraryTests)}.{test}"])
        {
            Environment = { [Alone] = test, ["LD_LIBRARY_PATH"] = libraries },
            RedirectStandardOutput = true,
        })!;
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output);
    }
}
