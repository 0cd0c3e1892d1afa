namespace RoomAgent.Enrolment;

/// <summary>Where rooms and people reach the hub. All that proofs and tokens name is made from this, never from what a request says of its host.</summary>
public sealed record HubAddress
{
    /// <summary>The longest address, in characters.</summary>
    public const int MaxLength = 200;

    private HubAddress(Uri uri) => Url = uri.GetLeftPart(UriPartial.Authority);

    /// <summary>Scheme, host and port without a slash at the end, such as <c>https://hub.example.org</c>. The issuer of tokens (RFC 8414 section 2).</summary>
    public string Url { get; }

    /// <summary>Reads <c>https://host[:port]</c>, with or without a slash at the end.</summary>
    /// <param name="text">Any text.</param>
    /// <returns><see langword="null"/> for anything but that: another scheme, a user, a path, a query, a fragment, characters beyond ASCII (write names as A-labels).</returns>
    public static HubAddress? Read(string? text)
    {
        if (text is null || text.Length > MaxLength || text.AsSpan().ContainsAnyExceptInRange('!', '~'))
            return null;
        if (!Uri.TryCreate(text, UriKind.Absolute, out Uri? uri) || uri.Scheme != Uri.UriSchemeHttps || uri.Host.Length == 0 || uri.UserInfo.Length > 0)
            return null;

        // What the parser would tidy away (dots in a path, another form of the host, the usual port) makes the two differ.
        var address = new HubAddress(uri);
        return text == address.Url || text == address.Url + "/" ? address : null;
    }

    /// <summary>The address of a path, which starts with a slash.</summary>
    public string Of(string path) => Url + path;

    /// <summary>The same as <see cref="Url"/>.</summary>
    public override string ToString() => Url;
}
