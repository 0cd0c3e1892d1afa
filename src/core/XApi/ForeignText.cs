using System.Globalization;

namespace RoomAgent.XApi;

/// <summary>Names and titles come from strangers. This is how they are shown in a terminal.</summary>
public static class ForeignText
{
    /// <summary>The text, without what a terminal would obey or a reader be misled by: controls, invisible format characters (those that turn the direction among them) and line separators become question marks.</summary>
    /// <param name="text">Any text.</param>
    public static string Clean(string text) => string.Concat(text.Select(letter => IsHarmless(letter) ? letter : '?'));

    private static bool IsHarmless(char letter) =>
        !char.IsControl(letter) && char.GetUnicodeCategory(letter) is not (UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator);
}
