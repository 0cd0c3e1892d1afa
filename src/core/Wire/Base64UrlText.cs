using System.Buffers;
using System.Buffers.Text;

namespace RoomAgent.Wire;

/// <summary>base64url without padding (RFC 7515 section 2), of which only the one right form is read: no blanks, no padding, no stray bits at the end.</summary>
public static class Base64UrlText
{
    private static readonly SearchValues<char> s_letters = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_");

    /// <summary>Writes bytes.</summary>
    public static string Encode(ReadOnlySpan<byte> bytes) => Base64Url.EncodeToString(bytes);

    /// <summary>Reads a text.</summary>
    /// <param name="text">Any text, whose length the caller has bounded.</param>
    /// <returns><see langword="null"/> when it is not of that form.</returns>
    public static byte[]? Decode(ReadOnlySpan<char> text)
    {
        if (text.ContainsAnyExcept(s_letters) || text.Length % 4 == 1)
            return null;

        byte[] bytes = new byte[Base64Url.GetMaxDecodedLength(text.Length)];
        if (Base64Url.DecodeFromChars(text, bytes, out _, out int written) != OperationStatus.Done)
            return null;

        // A last letter with bits that nobody reads would be a second text for the same bytes.
        Array.Resize(ref bytes, written);
        return text.SequenceEqual(Base64Url.EncodeToString(bytes)) ? bytes : null;
    }
}
