using RoomAgent.Hub.People;

namespace RoomAgent.Hub.Pages;

/// <summary>A place in the main navigation. Whoever adds pages adds a line here.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Path">Where it is; what lies below belongs to it.</param>
/// <param name="ForAdministrators">Whether it is for them alone.</param>
internal sealed record NavigationEntry(string Name, string Path, bool ForAdministrators)
{
    private static readonly NavigationEntry[] s_all =
    [
        new("Home", "/", ForAdministrators: false),
        new("Devices", "/devices", ForAdministrators: true),
        new("Rooms", "/rooms", ForAdministrators: true),
        new("Meetings", "/meetings", ForAdministrators: true),
        new("Open now", "/open", ForAdministrators: true),
        new("People", "/people", ForAdministrators: true),
        new("Settings", "/settings", ForAdministrators: true),
        new("Audit log", "/audit", ForAdministrators: true),
        new("This hub", "/about", ForAdministrators: false),
    ];

    /// <summary>The places for somebody.</summary>
    public static IEnumerable<NavigationEntry> For(Person person) => s_all.Where(entry => person.IsAdministrator || !entry.ForAdministrators);

    /// <summary>Whether a page belongs to it.</summary>
    public bool IsAt(PathString path) => Path == "/" ? path == "/" : path.StartsWithSegments(Path);
}
