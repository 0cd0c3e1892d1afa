using System.Security.Cryptography;
using System.Text.RegularExpressions;

namespace RoomAgent.Package.Tests;

/// <summary>The package as a file: how it is built and what is in it. How it lives is in <see cref="ServiceTests"/>.</summary>
[Trait("Category", "Peer")]
public sealed class PackageTests(Packages packages)
{
    [Fact]
    public void LintianFindsNothingToComplainAbout()
    {
        Prerequisites.Require([.. Prerequisites.ToBuild, .. Prerequisites.Missing(("lintian", "lintian"))]);
        string changes = Directory.GetFiles(Path.GetDirectoryName(packages.Room)!, "roomagent_*.changes").Single();

        CommandResult verdict = Command.Run("lintian", "--allow-root", "--fail-on", "error,warning", changes);

        Assert.Equal("", verdict.Text);
    }

    [Fact]
    public void TheSameTreeBuiltTwiceGivesTheSamePackage()
    {
        Prerequisites.Require(Prerequisites.ToBuild);
        string first = packages.Room;

        string again = Path.Combine(packages.Folder, "again");
        _ = Script("build-deb", "--output", again).Text;

        Assert.All([first, packages.Join, packages.Hub], deb => Assert.Equal(Hash(deb), Hash(Path.Combine(again, Path.GetFileName(deb)))));
    }

    [Fact]
    public void ThePackageIsForThisProcessorSinceItBringsTheMediaLibrary()
    {
        Prerequisites.Require(Prerequisites.ToBuild);
        string unpacked = Path.Combine(packages.Folder, "unpacked");

        _ = Command.Run("dpkg-deb", "--extract", packages.Room, unpacked).Text;

        Assert.Equal(Packages.Architecture, Field("Architecture"));
        string library = Assert.Single(Directory.GetFiles(unpacked, "*", SearchOption.AllDirectories), IsElf);
        Assert.Equal(Path.Combine(unpacked, "usr/lib/roomagent/libroomagent-media.so"), library);
        Assert.Contains("libavcodec", Field("Depends"), StringComparison.Ordinal);
        Assert.True(File.Exists(Path.Combine(unpacked, "usr/lib/roomagent/roomagent.dll")));
    }

    [Fact]
    public void TheProgramForPeopleRunsFromItsPackageAlone()
    {
        Prerequisites.Require(Prerequisites.ToBuild);
        string unpacked = Path.Combine(packages.Folder, "unpacked-join");

        _ = Command.Run("dpkg-deb", "--extract", packages.Join, unpacked).Text;

        string library = Assert.Single(Directory.GetFiles(unpacked, "*", SearchOption.AllDirectories), IsElf);
        Assert.Equal(Path.Combine(unpacked, "usr/lib/roomjoin/libroomagent-media.so"), library);
        Assert.Contains("libavcodec", Command.Run("dpkg-deb", "--field", packages.Join, "Depends").Text, StringComparison.Ordinal);
        Assert.Contains("exec /usr/bin/dotnet /usr/lib/roomjoin/roomjoin.dll", File.ReadAllText(Path.Combine(unpacked, "usr/bin/roomjoin")), StringComparison.Ordinal);
        Assert.True(File.Exists(Path.Combine(unpacked, "usr/share/man/man1/roomjoin.1.gz")));

        // As far as somebody who answers: everything it needs for pictures, sound and cryptography was loaded then.
        CommandResult nobody = Command.Run("dotnet", Path.Combine(unpacked, "usr/lib/roomjoin/roomjoin.dll"), "https://127.0.0.1:9/join/AAAAAAAAAAAAAAAAAAAAAA", "--microphone", "none");
        Assert.True(nobody.ExitCode == 69, nobody.Output);
    }

    [Fact]
    public void TheHubBringsNoMachineCodeAndUsesTheSqliteThatTheDistributionUpdates()
    {
        Prerequisites.Require(Prerequisites.ToBuild);
        string unpacked = Path.Combine(packages.Folder, "unpacked-hub");

        _ = Command.Run("dpkg-deb", "--extract", packages.Hub, unpacked).Text;

        FileInfo[] files = [.. new DirectoryInfo(unpacked).GetFiles("*", SearchOption.AllDirectories)];
        FileInfo link = Assert.Single(files, file => file.LinkTarget?.Contains("sqlite", StringComparison.Ordinal) == true);
        Assert.Equal("libe_sqlite3.so", link.Name);
        Assert.EndsWith("/libsqlite3.so.0", link.LinkTarget, StringComparison.Ordinal);
        Assert.DoesNotContain(files, file => file.LinkTarget is null && IsElf(file.FullName));
        Assert.Contains("libsqlite3-0", Command.Run("dpkg-deb", "--field", packages.Hub, "Depends").Text, StringComparison.Ordinal);
    }

    [Fact]
    public void TheManualNamesEverySettingAndItsDefault()
    {
        Prerequisites.Require(Prerequisites.ToBuild);

        string example = Content("./etc/roomagent/roomagent.conf");
        string manual = Content("./usr/share/man/man5/roomagent.conf.5.gz", "gunzip");

        string[] settings = [.. Regex.Matches(example, "^#([a-z-]+ = .*)$", RegexOptions.Multiline).Select(match => match.Groups[1].Value)];
        Assert.NotEmpty(settings);
        Assert.All(settings, setting => Assert.Contains($".It Cm {setting}\n", manual, StringComparison.Ordinal));
    }

    [Fact]
    public void TwoDifferentVersionsAreRefused()
    {
        Prerequisites.Require(Prerequisites.ToBuild);
        string tree = Directory.CreateDirectory(Path.Combine(packages.Folder, "tree")).FullName;
        foreach (string part in new[] { "packaging", "Directory.Build.props" })
            _ = Command.Run("cp", "--archive", $"{Packages.Tree}/{part}", tree).Text;
        _ = Command.Run("sed", "-i", "s:<Version>.*</Version>:<Version>1.2.3.4</Version>:", $"{tree}/Directory.Build.props").Text;

        CommandResult refusal = Command.Run($"{tree}/packaging/build-deb");

        Assert.Equal(1, refusal.ExitCode);
        Assert.Contains("Directory.Build.props says 1.2.3.4, packaging/debian/changelog says", refusal.Output, StringComparison.Ordinal);
        Assert.False(Directory.Exists($"{tree}/artifacts"));
    }

    [Fact]
    public void AMissingToolIsNamedWithThePackageItComesIn()
    {
        CommandResult refusal = Command.Run("/bin/bash", [$"{Packages.Tree}/packaging/build-deb"], start => start.Environment["PATH"] = "/nowhere");

        Assert.Equal(1, refusal.ExitCode);
        Assert.Equal("build-deb: dpkg-buildpackage is missing. Install it with: apt install dpkg-dev", refusal.Output.Trim());
    }

    [Fact]
    public void AFolderWithoutARuntimeIsRefused()
    {
        CommandResult refusal = Script("runtime-deb", "--dotnet-root", packages.Folder);

        Assert.Equal(1, refusal.ExitCode);
        Assert.Contains("holds no released 10.0 runtime", refusal.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void ARuntimeOfAnotherProcessorIsPackedForThatProcessor()
    {
        string runtime = Directory.CreateDirectory(Path.Combine(packages.Folder, "arm64")).FullName;
        foreach (string part in new[] { "shared/Microsoft.NETCore.App", "shared/Microsoft.AspNetCore.App", "host/fxr" })
            Directory.CreateDirectory($"{runtime}/{part}/10.0.99");
        // The start of an ELF file: 64 bits, little-endian, a program, for AArch64 (183).
        File.WriteAllBytes($"{runtime}/dotnet", [0x7f, .. "ELF"u8, 2, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0, 183, 0]);

        _ = Script("runtime-deb", "--dotnet-root", runtime, "--output", runtime).Text;

        string package = $"{runtime}/aspnetcore-runtime-10.0-local_10.0.99_arm64.deb";
        Assert.Equal("arm64", Command.Run("dpkg-deb", "--field", package, "Architecture").Text);
        Assert.Contains("aspnetcore-runtime-10.0 (= 10.0.99)", Command.Run("dpkg-deb", "--field", package, "Provides").Text, StringComparison.Ordinal);
    }

    [Fact]
    public void BothScriptsExplainThemselves()
    {
        Assert.StartsWith("usage: packaging/build-deb", Script("build-deb", "--help").Text, StringComparison.Ordinal);
        Assert.StartsWith("usage: packaging/runtime-deb", Script("runtime-deb", "--help").Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("roomagent.service")]
    [InlineData("roomhub.service")]
    public void TheUnitIsExposedNoMoreThanTheThresholdAllows(string unit)
    {
        Prerequisites.Require(Prerequisites.Missing(("systemd-analyze", "systemd")));

        CommandResult verdict = Command.Run(
            "systemd-analyze", "security", "--offline=true", "--threshold=20", "--no-pager", $"{Packages.Tree}/systemd/{unit}");

        Assert.True(verdict.ExitCode == 0, verdict.Output);
    }

    private static CommandResult Script(string name, params string[] arguments) => Command.Run($"{Packages.Tree}/packaging/{name}", arguments);

    private string Content(string path, string filter = "cat") =>
        Command.Run("sh", "-c", $"dpkg-deb --fsys-tarfile {packages.Room} | tar --extract --to-stdout {path} | {filter}").Text;

    private string Field(string name) => Command.Run("dpkg-deb", "--field", packages.Room, name).Text;

    private static string Hash(string file) => Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(file)));

    private static bool IsElf(string file)
    {
        using FileStream stream = File.OpenRead(file);
        Span<byte> start = stackalloc byte[4];
        return stream.ReadAtLeast(start, 4, throwOnEndOfStream: false) == 4 && start.SequenceEqual("\u007fELF"u8);
    }
}
