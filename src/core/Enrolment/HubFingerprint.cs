namespace RoomAgent.Enrolment;

/// <summary>
/// The hub's identity key as six words that two people, or one person in front of two screens, can compare: <c>lusab-babad-...</c>.
/// </summary>
/// <remarks>
/// <para>Each word stands for 16 bits: consonant, vowel, consonant, vowel, consonant, of 16 consonants (4 bits) and 4 vowels (2 bits), the coding known as "proquints".
/// The six are the first 96 bits of SHA-256 of the key's SubjectPublicKeyInfo.</para>
/// <para>Why not words of English: a hub that wants to be taken for another needs a key with the same words, a second preimage, and can try keys at home for as long
/// as it likes. Six words of a list of 256 are 48 bits: at 10^9 keys a second, one graphics card's work, 2^48 take 78 hours. Six of 2,048 are 66 bits, 2,300 such years, and
/// a list that somebody must keep. Six of these are 96 bits: 2.5 x 10^12 such years. Who compares only four of the six still compares 64 bits.</para>
/// </remarks>
public static class HubFingerprint
{
    /// <summary>Words.</summary>
    public const int WordCount = 6;

    private const string Consonants = "bdfghjklmnprstvz";
    private const string Vowels = "aiou";

    /// <summary>The words of a key, with hyphens between them.</summary>
    /// <param name="keyHash">SHA-256 of the key's SubjectPublicKeyInfo.</param>
    /// <exception cref="ArgumentException">It is shorter than 12 bytes.</exception>
    public static string Text(ReadOnlySpan<byte> keyHash) => string.Join('-', Words(keyHash));

    /// <summary>The words of a key.</summary>
    /// <param name="keyHash">SHA-256 of the key's SubjectPublicKeyInfo.</param>
    /// <exception cref="ArgumentException">It is shorter than 12 bytes.</exception>
    public static IReadOnlyList<string> Words(ReadOnlySpan<byte> keyHash)
    {
        if (keyHash.Length < WordCount * 2)
            throw new ArgumentException("A hash of at least 12 bytes is needed.", nameof(keyHash));

        string[] words = new string[WordCount];
        for (int i = 0; i < WordCount; i++)
        {
            int bits = (keyHash[2 * i] << 8) | keyHash[(2 * i) + 1];
            words[i] = string.Create(5, bits, static (word, bits) =>
            {
                word[0] = Consonants[bits >> 12];
                word[1] = Vowels[(bits >> 10) & 3];
                word[2] = Consonants[(bits >> 6) & 15];
                word[3] = Vowels[(bits >> 4) & 3];
                word[4] = Consonants[bits & 15];
            });
        }

        return words;
    }
}
