using System.Xml.Linq;
using RoomAgent.Testing;

namespace RoomAgent.Architecture.Tests;

/// <summary>A project of the product as its file describes it.</summary>
internal sealed record Project(string Name, string Folder, IReadOnlySet<string> References, IReadOnlySet<string> Packages)
{
    /// <summary>The projects below src and hal; the name is the one of ARCHITECTURE.md, without "RoomAgent." unless nothing is left.</summary>
    public static IReadOnlyList<Project> Product { get; } = [.. Read("src"), .. Read("hal")];

    /// <summary>The projects below tests.</summary>
    public static IReadOnlyList<Project> Tests { get; } = [.. Read("tests")];

    public bool IsCore => Folder.StartsWith("src/core/", StringComparison.Ordinal);

    private static IEnumerable<Project> Read(string top)
    {
        string folder = Path.Combine(Repository.Root, top);
        return Directory.Exists(folder)
            ? Directory.EnumerateFiles(folder, "*.csproj", SearchOption.AllDirectories).Order(StringComparer.Ordinal).Select(Load)
            : [];
    }

    private static Project Load(string file)
    {
        XDocument project = XDocument.Load(file);
        IReadOnlySet<string> Items(string kind) =>
            project.Descendants(kind).Select(item => item.Attribute("Include")?.Value).OfType<string>().ToHashSet();

        return new Project(
            ShortName(file),
            Path.GetRelativePath(Repository.Root, Path.GetDirectoryName(file)!).Replace('\\', '/'),
            Items("ProjectReference").Select(ShortName).ToHashSet(),
            Items("PackageReference"));
    }

    private static string ShortName(string file)
    {
        string name = Path.GetFileNameWithoutExtension(file);
        return name.StartsWith("RoomAgent.", StringComparison.Ordinal) ? name["RoomAgent.".Length..] : name;
    }
}
