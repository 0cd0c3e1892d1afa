using System.Globalization;

namespace RoomAgent.Rtp;

/// <summary>Decimal numbers in SDP: digits alone, no sign, no blanks.</summary>
internal static class Numbers
{
    public static bool TryRead(ReadOnlySpan<char> text, int smallest, int largest, out int number) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number) && number >= smallest && number <= largest;
}
