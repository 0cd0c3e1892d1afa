using RoomAgent.Hal;
using RoomAgent.Testing;

namespace RoomAgent.Screen.Tests;

/// <summary>Each state of the screen is the picture that someone looked at and found good (REQUIREMENTS D01, D08, D09, D13).</summary>
/// <remarks>
/// The pictures lie in <c>References</c>, at 960x540. When a screen is meant to look different now, draw them anew and look at every one that changed:
/// <c>ROOMAGENT_RENEW_PICTURES=1 dotnet artifacts/bin/RoomAgent.Screen.Tests/release/RoomAgent.Screen.Tests.dll --filter-class '*PictureTests'</c>
/// </remarks>
public sealed class PictureTests : IDisposable
{
    private static readonly bool s_renew = Environment.GetEnvironmentVariable("ROOMAGENT_RENEW_PICTURES") == "1";
    private static readonly string s_references = Path.Combine(Repository.Root, "tests", "RoomAgent.Screen.Tests", "References");
    private static readonly string s_artifacts = Path.Combine(Repository.Root, "artifacts", "screen");
    private static readonly string[] s_others = ["de", "fr", "es", "pl"];
    private readonly Studio _studio = new(960, 540);

    [Fact]
    public void EveryStateLooksAsItsReference()
    {
        var failures = new List<string>();
        foreach (var (name, contents) in Pictures())
        {
            _studio.Show(contents);
            PngPicture actual = Picture();
            string reference = Path.Combine(s_references, name + ".png");
            if (s_renew)
            {
                if (!File.Exists(reference) || !new Difference(PngPicture.Read(reference), actual).IsSmall)
                    actual.Write(reference);
                continue;
            }

            string at = Path.Combine(s_artifacts, name);
            if (!File.Exists(reference))
            {
                actual.Write(at + ".actual.png");
                failures.Add($"{name}: there is no reference; the picture is {at}.actual.png");
                continue;
            }
            var difference = new Difference(PngPicture.Read(reference), actual);
            if (difference.IsSmall)
                continue;
            actual.Write(at + ".actual.png");
            (actual with { Pixels = difference.Pixels }).Write(at + ".difference.png");
            failures.Add($"{name}: {difference}; see {at}.actual.png and {at}.difference.png");
        }

        Assert.True(failures.Count == 0, string.Join("\n", failures) + "\nHow to accept a change that is meant stands above this test.");
        Assert.False(s_renew, "The references were renewed: look at them, and run without ROOMAGENT_RENEW_PICTURES.");
    }

    [Fact]
    public void NoReferenceIsLeftBehind()
    {
        string[] wanted = [.. Pictures().Select(picture => picture.Name).Order(StringComparer.Ordinal)];

        string[] there = [.. Directory.GetFiles(s_references, "*.png").Select(path => Path.GetFileNameWithoutExtension(path)!).Order(StringComparer.Ordinal)];

        Assert.Equal(wanted, there);
    }

    [Fact]
    public void AnotherSecurityIconIsFound()
    {
        MeetingScene meeting = Scenes.Meeting(4);
        PngPicture right = Shown(meeting);

        // The words stay: only the picture of the shield becomes that of the padlock.
        PngPicture wrong = Shown(meeting with { Protection = MeetingProtection.Encrypted });
        PngPicture swapped = right with { Pixels = Paste(right, wrong, x: 0, width: 44, height: 42) };

        Assert.False(new Difference(right, swapped).IsSmall);
    }

    [Fact]
    public void AMissingMarkIsFound()
    {
        MeetingScene meeting = Scenes.Meeting(9) with { SelfView = null };
        PngPicture muted = Shown(meeting);
        Assert.True(meeting.Tiles[4].IsMuted);

        PngPicture heard = Shown(meeting with { Tiles = [.. meeting.Tiles.Select((tile, i) => i == 4 ? tile with { IsMuted = false } : tile)] });

        Assert.False(new Difference(muted, heard).IsSmall);
    }

    [Fact]
    public void AnotherBadgeIsFoundOnAnyTile()
    {
        MeetingScene meeting = Scenes.Meeting(9) with { SelfView = null };
        for (int changed = 0; changed < 9; changed++)
        {
            PngPicture right = Shown(With(meeting, changed, IdentityVerdict.Verified));

            PngPicture wrong = Shown(With(meeting, changed, IdentityVerdict.Vouched));

            Assert.False(new Difference(right, wrong).IsSmall, $"tile {changed}");
        }

        static MeetingScene With(MeetingScene meeting, int changed, IdentityVerdict verdict) =>
            meeting with { Tiles = [.. meeting.Tiles.Select((tile, i) => i == changed ? tile with { Verdict = verdict } : tile)] };
    }

    [Fact]
    public void TextThatIsDrawnAPixelAsideIsTheSame()
    {
        foreach (var (name, contents) in Scenes.All().Where(state => state.Name is "idle-busy" or "trouble-MeetingNotSecure" or "meeting-security"))
        {
            _studio.Show(contents);
            PngPicture here = Picture();

            PngPicture aside = here with { Pixels = [.. here.Pixels.AsSpan(0, here.Pixels.Length - 4).ToArray().Prepend((byte)0).Prepend((byte)0).Prepend((byte)0).Prepend((byte)0)] };

            var difference = new Difference(here, aside);
             Assert.True(difference.IsSmall, $"{name}: {difference}");
        }
    }

    public void Dispose() => _studio.Dispose();

    // Each state in English and the standard theme, and once more: the languages and themes take turns.
    private static IEnumerable<(string Name, ScreenContents Contents)> Pictures()
    {
        int turn = 0;
        foreach (var (name, contents) in Scenes.All())
        {
            yield return (name, contents);
            var look = new ScreenLook
            {
                Language = s_others[turn % s_others.Length],
                Theme = turn / s_others.Length % 2 == 0 ? ScreenTheme.HighContrast : ScreenTheme.Standard,
                HasTwelveHourClock = turn % 3 == 0,
            };
            turn++;
            yield return ($"{name}.{look.Language}{(look.Theme == ScreenTheme.HighContrast ? ".contrast" : "")}", contents with { Look = look });
        }
    }

    private PngPicture Shown(MeetingScene meeting)
    {
        _studio.Show(Scenes.Of(meeting));
        return Picture();
    }

    private PngPicture Picture() => new(960, 540, _studio.Copy());

    private static byte[] Paste(PngPicture onto, PngPicture from, int x, int width, int height)
    {
        byte[] pixels = (byte[])onto.Pixels.Clone();
        for (int y = 0; y < height; y++)
            from.Pixels.AsSpan((y * from.Width + x) * 4, width * 4).CopyTo(pixels.AsSpan((y * from.Width + x) * 4));
        return pixels;
    }
}
