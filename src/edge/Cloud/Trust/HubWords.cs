namespace RoomAgent.Cloud.Trust;

/// <summary>
/// A hub's identity key as six words, which a person compares with those on the hub's page: the first 96 bits of SHA-256 of its SubjectPublicKeyInfo,
/// 16 bits a word as consonant, vowel, consonant, vowel, consonant. The hub's documentation says what finding another key with the same words would cost.
/// </summary>
internal static class HubWords
{
    private const int WordCount = 6;
    private const string Consonants = "bdfghjklmnprstvz";
    private const string Vowels = "aiou";

    /// <summary>The words, with hyphens between them.</summary>
    /// <param name="keyHash">SHA-256 of the key, 32 bytes.</param>
    public static string Of(ReadOnlySpan<byte> keyHash)
    {
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

        return string.Join('-', words);
    }
}
