using RoomAgent.Enrolment;

namespace RoomAgent.Join;

/// <summary>What somebody wants, as the command line says it and as far as it makes sense.</summary>
internal sealed record JoinWish
{
    /// <summary>Where the hub is.</summary>
    public required HubAddress Hub { get; init; }

    /// <summary>What opens the meeting to a guest; <see langword="null"/> for a person who signs in. A secret.</summary>
    public string? Secret { get; init; }

    /// <summary>With which mailbox a person signs in.</summary>
    public string Mailbox { get; init; } = "";

    /// <summary>Which of the person's meetings; <see langword="null"/> for the one that runs or is next.</summary>
    public string? Meeting { get; init; }

    /// <summary>Whether only to list the person's meetings.</summary>
    public bool Lists { get; init; }

    /// <summary>The words by which the hub is known; <see langword="null"/> when nobody has said them.</summary>
    public string? HubWords { get; init; }

    /// <summary>Whether a certificate of a public authority is enough for the hub's TLS key.</summary>
    public bool TrustsAuthorities { get; init; }

    /// <summary>The name on the own screen.</summary>
    public string Name { get; init; } = "";

    /// <summary>The camera, as settings name it; <see langword="null"/> for none.</summary>
    public string? Camera { get; init; }

    /// <summary>The microphone, likewise.</summary>
    public string? Microphone { get; init; }

    /// <summary>The loudspeaker, likewise; empty for one that plays to nobody.</summary>
    public string Speaker { get; init; } = "";

    /// <summary>The port of the local page; <see langword="null"/> for none.</summary>
    public int? Page { get; init; }

    /// <summary>Whether to be heard and seen as soon as one is in the meeting.</summary>
    public bool Unmuted { get; init; }

    /// <summary>When to leave; <see langword="null"/> for not by itself.</summary>
    public TimeSpan? Stays { get; init; }

    /// <summary>Nothing of the secret.</summary>
    public override string ToString() => $"(wish at {Hub})";
}
