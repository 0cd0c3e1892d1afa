using System.Buffers.Text;

namespace RoomAgent.Cloud.Trust;

/// <summary>base64url without padding (RFC 7515 section 2), of which only the one right form is read.</summary>
internal static class Base64UrlText
{
    public static string Encode(ReadOnlySpan<byte> bytes) => Base64Url.EncodeToString(bytes);

    /// <summary>Reads a text: <see langword="null"/> when it is not of that form. The caller has bounded its length.</summary>
    public static byte[]? Decode(ReadOnlySpan<char> text)
    {
        if (!Base64Url.IsValid(text, out int length))
            return null;

        // Blanks, padding and a last letter with bits that nobody reads would be further texts for the same bytes.
        byte[] bytes = new byte[length];
        return Base64Url.TryDecodeFromChars(text, bytes, out int written) && written == length && text.SequenceEqual(Base64Url.EncodeToString(bytes)) ? bytes : null;
    }
}
