using System.Text.RegularExpressions;
using RoomAgent.Testing;

namespace RoomAgent.Architecture.Tests;

/// <summary>Who may reference whom: the table of ARCHITECTURE.md.</summary>
public sealed partial class ReferenceTests
{
    private static readonly string[] s_core = ["Wire", "Crypto", "Mls", "SFrame", "Rtp", "Stun", "Acme", "XApi", "Meetings", "Enrolment"];

    // Each project and all that it may reference. A host may reference everything and is not listed.
    private static readonly Dictionary<string, string[]> s_mayReference = new()
    {
        ["Wire"] = [],
        ["XApi"] = [],
        ["Crypto"] = ["Wire"],
        // Never each other: SFrame does not know MLS, the agent binds them.
        ["Mls"] = ["Wire", "Crypto"],
        ["SFrame"] = ["Wire", "Crypto"],
        ["Stun"] = ["Wire", "Crypto"],
        // The one core above another: the rules of a meeting are rules about MLS commits.
        ["Meetings"] = ["Wire", "Crypto", "Mls"],
        ["Rtp"] = ["Wire", "Crypto"],
        ["Enrolment"] = ["Wire", "Crypto"],
        ["Acme"] = ["Wire", "Crypto"],
        ["Hal"] = [],
        // The room knows the standards and the ports of the hardware, neither sockets nor native libraries.
        ["Agent"] = [.. s_core, "Hal"],
        ["Native"] = ["Wire", "Crypto"],
        ["Identity"] = [.. s_core, "Native"],
        ["Store"] = [.. s_core, "Native", "Agent"],
        ["Net"] = [.. s_core, "Native"],
        ["Cloud"] = [.. s_core, "Net", "Agent"],
        // It tells and changes the room by the agent's own port, whose words are those of meetings.
        ["LocalApi"] = ["XApi", "Agent", "Meetings", "Wire"],
        ["Hal.Media"] = ["Hal"],
        ["Hal.Linux"] = ["Hal", "Hal.Media"],
        ["Hal.Simulated"] = ["Hal", "Hal.Media"],
        ["RoomHub"] = [.. s_core, "Native", "Identity", "Net"],
        ["roomctl"] = ["XApi"],
        // What two hosts introduce alike; a host itself is referenced by nobody.
        ["HostParts"] = [.. s_core, "Agent", "Native", "Identity", "Net", "Hal", "Hal.Media", "Hal.Simulated"],
    };

    private static readonly string[] s_hosts = ["RoomAgent", "roomjoin"];

    [Fact]
    public void EveryProjectReferencesOnlyWhatItsLayerMay()
    {
        Assert.NotEmpty(Project.Product);
        foreach (Project project in Project.Product.Where(p => !s_hosts.Contains(p.Name)))
        {
            Assert.True(s_mayReference.TryGetValue(project.Name, out string[]? allowed), $"{project.Folder} is not in the table: add it here and to ARCHITECTURE.md.");
            Assert.True(project.References.IsSubsetOf(allowed), $"{project.Name} references {string.Join(", ", project.References.Except(allowed))}, which its layer may not.");
        }
    }

    [Fact]
    public void NobodyReferencesAHostOrATest()
    {
        string[] tests = [.. Project.Tests.Select(p => p.Name)];
        foreach (Project project in Project.Product)
            Assert.False(project.References.Overlaps([.. s_hosts, .. tests]), $"{project.Name} references a host or a test.");
    }

    [Fact]
    public void ACoreUsesNoPackage()
    {
        foreach (Project project in Project.Product.Where(p => p.IsCore))
            Assert.Empty(project.Packages);
    }

    [Fact]
    public void EveryPackageHasItsSentenceInTheReadme()
    {
        string readme = File.ReadAllText(Path.Combine(Repository.Root, "README.md"));
        string versions = File.ReadAllText(Path.Combine(Repository.Root, "Directory.Packages.props"));

        string[] packages = [.. PackageVersion().Matches(versions).Select(match => match.Groups[1].Value)];
        Assert.NotEmpty(packages);
        Assert.All(packages, package => Assert.Contains($"| {package} |", readme, StringComparison.Ordinal));
    }

    [Fact]
    public void EveryProjectIsInTheSolutionAndHasALockFile()
    {
        string solution = File.ReadAllText(Path.Combine(Repository.Root, "RoomAgent.sln")).Replace('\\', '/');
        foreach (Project project in Project.Product.Concat(Project.Tests))
        {
            Assert.Contains(project.Folder + "/", solution, StringComparison.Ordinal);
            Assert.True(File.Exists(Path.Combine(Repository.Root, project.Folder, "packages.lock.json")), $"{project.Folder} has no lock file.");
        }
    }

    [GeneratedRegex("<PackageVersion Include=\"([^\"]+)\"")]
    private static partial Regex PackageVersion();
}
