namespace RoomAgent.Hal;

/// <summary>In a meeting.</summary>
/// <param name="Title">What the meeting is called.</param>
/// <param name="Protection">How it is protected.</param>
/// <param name="Tiles">Who and what is seen, the most important first. Those that do not fit are counted.</param>
public sealed record MeetingScene(string Title, MeetingProtection Protection, IReadOnlyList<MeetingTile> Tiles) : RoomScene
{
    /// <summary>How the tiles are laid out. One that is <see cref="MeetingTile.IsContent"/> is large in either.</summary>
    public MeetingLayout Layout { get; init; }

    /// <summary>Who is large in <see cref="MeetingLayout.ActiveSpeaker"/> when there is no content; the first tile when it is none of them.</summary>
    public TileId? Speaker { get; init; }

    /// <summary>The room's own picture; none when it is hidden.</summary>
    public TileId? SelfView { get; init; }

    /// <summary>Whether the room's own camera is off.</summary>
    public bool IsCameraOff { get; init; }

    /// <summary>Whether the room's microphones are muted.</summary>
    public bool IsMuted { get; init; }

    /// <summary>The code that people compare; none while it is being computed, or when the meeting has none.</summary>
    public SecurityCode? Code { get; init; }

    /// <summary>The security page beside the tiles; none when nobody asked for it.</summary>
    public SecurityInformation? Information { get; init; }
}

/// <summary>How tiles are laid out.</summary>
public enum MeetingLayout
{
    /// <summary>All of the same size.</summary>
    Grid,

    /// <summary>One large, the others in a row below.</summary>
    ActiveSpeaker,
}

/// <summary>How a meeting is protected (REQUIREMENTS D01). Each has a picture of its own.</summary>
public enum MeetingProtection
{
    /// <summary>On every hop; the service could listen.</summary>
    Encrypted,

    /// <summary>From room to room; the service cannot listen.</summary>
    EndToEndEncrypted,
}

/// <summary>Names a tile, so that pictures find it. Chosen by who fills the scenes.</summary>
/// <param name="Value">Any number, the same as long as the tile shows the same.</param>
public readonly record struct TileId(uint Value);

/// <summary>A participant, or what one shows.</summary>
/// <param name="Id">Where pictures go.</param>
/// <param name="Name">Who it is, as the certificate has it or, for the unverified, as they say. Any text: it is cleaned before it is drawn.</param>
/// <param name="Verdict">What this room thinks of that.</param>
public sealed record MeetingTile(TileId Id, string Name, IdentityVerdict Verdict)
{
    /// <summary>Whether their microphone is muted.</summary>
    public bool IsMuted { get; init; }

    /// <summary>Whether their camera is off; then initials take the place of the picture.</summary>
    public bool IsCameraOff { get; init; }

    /// <summary>Whether they are heard now.</summary>
    public bool IsSpeaking { get; init; }

    /// <summary>Whether they have not said for long that they are in the same state of the meeting as this room.</summary>
    public bool IsNotConfirmed { get; init; }

    /// <summary>Whether this is something shared, of which nothing may be cut off.</summary>
    public bool IsContent { get; init; }
}

/// <summary>What this room thinks of who somebody says to be: its own judgement, never the service's word.</summary>
public enum IdentityVerdict
{
    /// <summary>Shown by a certificate that this room trusts.</summary>
    Verified,

    /// <summary>Shown by a certificate of the service's own authority, which vouches for it.</summary>
    Vouched,

    /// <summary>Nobody says so but themselves.</summary>
    Unverified,

    /// <summary>Shown by a certificate that has expired.</summary>
    Expired,

    /// <summary>Shown by a certificate that was revoked.</summary>
    Revoked,
}

/// <summary>The meeting's security code (MEETING.md section 7, REQUIREMENTS D09).</summary>
/// <param name="Groups">Twelve groups of five digits. The first six are always to be seen, all twelve on the security page.</param>
/// <param name="Epoch">The epoch it belongs to. Codes compare only at equal epochs.</param>
/// <param name="Members">Members in that epoch.</param>
public sealed record SecurityCode(IReadOnlyList<string> Groups, ulong Epoch, int Members)
{
    /// <summary>Whether the members are about to change, so that this code is the old one already.</summary>
    public bool IsChanging { get; init; }

    /// <summary>Whether it is held so that people can read it out, whatever happens meanwhile.</summary>
    public bool IsHeld { get; init; }

    /// <summary>Whether not all members have said that they are in its epoch's state.</summary>
    public bool IsNotConfirmed { get; init; }
}

/// <summary>What the security page says (REQUIREMENTS D08). Names of algorithms are shown as they are.</summary>
/// <param name="GroupSuite">The MLS cipher suite.</param>
/// <param name="MediaSuite">The SFrame cipher suite.</param>
/// <param name="TransportSuite">The SRTP suite.</param>
/// <param name="Issuer">Who issued this room's certificate.</param>
/// <param name="Transport">How media travels, such as <c>UDP 5004</c>.</param>
public sealed record SecurityInformation(string GroupSuite, string MediaSuite, string TransportSuite, string Issuer, string Transport);
