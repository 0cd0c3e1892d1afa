using System.Security.Cryptography;
using System.Text;

namespace RoomAgent.Cloud.Trust;

/// <summary>
/// All that a new device needs, in one text that <c>roomhub setup-code</c> prints: where its hub is, by which key it knows the hub, and the code that makes it a member of an organisation.
/// </summary>
/// <remarks>
/// <code>roomagent-setup:1:KQ3M8N5T0XWZP4HV7:y3J...43 letters...:9c41f00b:https://hub.example.org</code>
/// Version; activation code with its check character; SHA-256 of the hub's identity key in base64url; the first 4 bytes of SHA-256 over code, key and address joined by colons;
/// address. The sum finds what was lost on the way; whoever brings the text to the device is trusted.
/// </remarks>
public sealed class SetupCode
{
    /// <summary>The longest text, in characters.</summary>
    public const int MaxLength = 320;

    private const string Prefix = "roomagent-setup:1:";
    private const int SumSize = 4;

    private readonly byte[] _keyHash;

    private SetupCode(HubAddress address, byte[] keyHash, ActivationCode code)
    {
        Address = address;
        _keyHash = keyHash;
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
    /// <returns><see langword="null"/> when anything in it is not exactly as the hub writes it.</returns>
    public static SetupCode? Read(string? text)
    {
        if (text is null || text.Length > MaxLength + 8)
            return null;

        string trimmed = text.Trim(' ', '\t', '\r', '\n');
        if (trimmed.Length > MaxLength || !trimmed.StartsWith(Prefix, StringComparison.Ordinal))
            return null;

        string[] parts = trimmed[Prefix.Length..].Split(':', 4);
        if (parts.Length != 4
            || ActivationCode.Read(parts[0]) is not { IsChecked: true } code || code.Reveal() != parts[0]
            || Base64UrlText.Decode(parts[1]) is not { Length: SHA256.HashSizeInBytes } keyHash
            || HubAddress.Read(parts[3]) is not { } address || address.Url != parts[3])
        {
            return null;
        }

        byte[] sum = SHA256.HashData(Encoding.ASCII.GetBytes($"{parts[0]}:{parts[1]}:{parts[3]}"));
        return parts[2] == Convert.ToHexStringLower(sum.AsSpan(0, SumSize)) ? new SetupCode(address, keyHash, code) : null;
    }

    /// <summary>Only where the hub is: the rest is secret.</summary>
    public override string ToString() => $"(setup code for {Address})";
}
