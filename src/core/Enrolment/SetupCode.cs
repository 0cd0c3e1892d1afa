using System.Text;
using RoomAgent.Crypto;
using RoomAgent.Wire;

namespace RoomAgent.Enrolment;

/// <summary>
/// All that a new device needs, in one text (as a file, on a page, as a QR code): where its hub is, by which key it knows the hub, and the code that makes it a member of an organisation.
/// </summary>
/// <remarks>
/// <code>roomagent-setup:1:KQ3M8N5T0XWZP4HV7:y3J...43 letters...:9c41f00b:https://hub.example.org</code>
/// Version; activation code in its long form; SHA-256 of the hub's identity key in base64url; the first 4 bytes of SHA-256 over code, key and address joined by colons;
/// address. The sum finds what was lost or mistyped on the way; it protects from nobody, since whoever brings the text to the device is trusted. It is as secret as the code in it.
/// </remarks>
public sealed record SetupCode
{
    /// <summary>The longest text, in characters.</summary>
    public const int MaxLength = 320;

    private const string Prefix = "roomagent-setup:1:";
    private const int SumSize = 4;
    private const int KeyHashSize = 32;

    private readonly byte[] _keyHash;

    /// <summary>Puts one together.</summary>
    /// <param name="address">Where the hub is.</param>
    /// <param name="keyHash">SHA-256 of its identity key, 32 bytes.</param>
    /// <param name="code">An activation code in its long form.</param>
    /// <exception cref="ArgumentException">The hash has another size, or the code is of digits.</exception>
    public SetupCode(HubAddress address, ReadOnlySpan<byte> keyHash, ActivationCode code)
    {
        if (keyHash.Length != KeyHashSize)
            throw new ArgumentException("SHA-256 has 32 bytes.", nameof(keyHash));
        if (code.Form != ActivationCodeForm.Letters)
            throw new ArgumentException("The code of digits is for typing.", nameof(code));

        Address = address;
        _keyHash = keyHash.ToArray();
        Code = code;
    }

    /// <summary>Where the hub is.</summary>
    public HubAddress Address { get; }

    /// <summary>SHA-256 of the SubjectPublicKeyInfo of its identity key.</summary>
    public ReadOnlySpan<byte> KeyHash => _keyHash;

    /// <summary>The activation code.</summary>
    public ActivationCode Code { get; }

    /// <summary>Reads a setup code; blanks and line ends around it do not matter.</summary>
    /// <param name="text">Any text.</param>
    /// <param name="crypto">Makes the sum.</param>
    /// <returns><see langword="null"/> when anything in it is not exactly as <see cref="Reveal"/> writes it.</returns>
    public static SetupCode? Read(string? text, ICryptoProvider crypto)
    {
        if (text is null || text.Length > MaxLength + 8)
            return null;

        string trimmed = text.Trim(' ', '\t', '\r', '\n');
        if (trimmed.Length > MaxLength || !trimmed.StartsWith(Prefix, StringComparison.Ordinal))
            return null;

        string[] parts = trimmed[Prefix.Length..].Split(':', 4);
        if (parts.Length != 4
            || ActivationCode.Read(parts[0]) is not { Form: ActivationCodeForm.Letters } code
            || Base64UrlText.Decode(parts[1]) is not { Length: KeyHashSize } keyHash
            || HubAddress.Read(parts[3]) is not { } address)
        {
            return null;
        }

        var read = new SetupCode(address, keyHash, code);
        return read.Reveal(crypto) == trimmed ? read : null;
    }

    /// <summary>The text, for the one who carries it to the device.</summary>
    /// <param name="crypto">Makes the sum.</param>
    public string Reveal(ICryptoProvider crypto)
    {
        string code = Code.Reveal();
        string key = Base64UrlText.Encode(_keyHash);
        Span<byte> sum = stackalloc byte[KeyHashSize];
        crypto.Hash(HashAlgorithm.Sha256, Encoding.ASCII.GetBytes($"{code}:{key}:{Address}"), sum);
        return $"{Prefix}{code}:{key}:{Convert.ToHexStringLower(sum[..SumSize])}:{Address}";
    }

    /// <summary>Only where the hub is: the rest is secret.</summary>
    public override string ToString() => $"(setup code for {Address})";
}
