using RoomAgent.Hal;

namespace RoomAgent.Screen.Tests;

public sealed class GalleryTests
{
    [Fact]
    public void Draw()
    {
        string folder = "/tmp/gallery/" + (Environment.GetEnvironmentVariable("LANGX") ?? "en") + (Environment.GetEnvironmentVariable("HC") ?? "");
        Directory.CreateDirectory(folder);
        var look = new ScreenLook { Language = Environment.GetEnvironmentVariable("LANGX") ?? "en", Theme = Environment.GetEnvironmentVariable("HC") is null ? ScreenTheme.Standard : ScreenTheme.HighContrast };
        string? only = Environment.GetEnvironmentVariable("ONLY");
        using var studio = new Studio(1280, 720);
        foreach (var (name, contents) in Scenes.All().Concat(Scenes.Hostile()))
        {
            if (only is not null && !name.StartsWith(only)) continue;
            studio.Show(contents with { Look = look });
            studio.Display.WriteSnapshot($"{folder}/{name}.png");
        }
    }
}
