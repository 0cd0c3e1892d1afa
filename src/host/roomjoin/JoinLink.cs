using System.Buffers;
using RoomAgent.Enrolment;

namespace RoomAgent.Join;

/// <summary>A link for guests, such as <c>https://hub.example.org/join/AbC...#lusab-babad-...</c>: where the hub is, a secret, and the words by which the hub is known. Whoever gives the link vouches for the hub.</summary>
/// <param name="Address">Where the hub is.</param>
/// <param name="Secret">What opens the meeting.</param>
/// <param name="Words">The six words of the hub; <see langword="null"/> in a link that somebody has shortened.</param>
internal sealed record JoinLink(HubAddress Address, string Secret, string? Words)
{
    private const string Path = "/join/";
    private const int LongestSecret = 30;

    private static readonly SearchValues<char> s_secret = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_");

    /// <summary>Reads one.</summary>
    /// <param name="text">Any text.</param>
    /// <returns><see langword="null"/> when it is none.</returns>
    public static JoinLink? Read(string text)
    {
        string link = text.Trim();
        int at = link.IndexOf(Path, StringComparison.Ordinal);
        if (at < 0 || HubAddress.Read(link[..at]) is not { } address)
            return null;

        string[] parts = link[(at + Path.Length)..].Split('#', 2);
        string secret = parts[0].TrimEnd('/');
        if (secret.Length is 0 or > LongestSecret || secret.AsSpan().ContainsAnyExcept(s_secret))
            return null;

        string? words = parts.Length > 1 && parts[1].Length > 0 ? ReadWords(parts[1]) : null;
        return parts.Length > 1 && parts[1].Length > 0 && words is null ? null : new JoinLink(address, secret, words);
    }

    /// <summary>Six words with hyphens or blanks between them, in their one form.</summary>
    /// <returns><see langword="null"/> when it is something else.</returns>
    public static string? ReadWords(string text)
    {
        string[] words = text.Trim().ToLowerInvariant().Split(['-', ' '], StringSplitOptions.RemoveEmptyEntries);
        return words.Length == HubFingerprint.WordCount && words.All(word => word.Length == 5 && word.All(char.IsAsciiLetterLower)) ? string.Join('-', words) : null;
    }

    /// <summary>Only where the hub is: the rest is secret.</summary>
    public override string ToString() => $"(link at {Address})";
}
