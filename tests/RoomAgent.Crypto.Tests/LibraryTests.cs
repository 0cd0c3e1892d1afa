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
            Assert.Equal((42, ""), RunAlone());
    }

    // Whoever calls the library first decides how it ends; .NET's own classes, which the test platform uses, would decide for us.
    [ModuleInitializer]
    internal static void CallTheLibraryFirst()
    {
        if (IsAlone(nameof(AProcessEndsInPeaceWhileThreadsAreAtWork)))
            OpenSslRandom.Instance.Fill(new byte[1]);
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

    // Runs the calling test in a process of its own. What it said when a test failed there, and nothing otherwise.
    private static (int ExitCode, string Failure) RunAlone([CallerMemberName] string test = "")
    {
        string program = typeof(LibraryTests).Assembly.Location;
        using var process = Process.Start(new ProcessStartInfo("dotnet", [program, "--filter-method", $"*.{nameof(LibraryTests)}.{test}"])
        {
            Environment = { [Alone] = test },
            RedirectStandardOutput = true,
        })!;
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output.Contains("failed: 1", StringComparison.Ordinal) ? output : "");
    }
}
