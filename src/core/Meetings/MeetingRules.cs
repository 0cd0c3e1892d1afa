using RoomAgent.Mls;

namespace RoomAgent.Meetings;

/// <summary>The rules of a meeting beyond those of MLS. Everyone decides them alike.</summary>
public static class MeetingRules
{
    /// <summary>The policy of a group.</summary>
    public static readonly Refusal Policy = new(RefusalReason.Codec, "meeting.policy", "The group has a readable room_policy that everyone must understand, and nothing else beside it.");

    /// <summary>The name of a group.</summary>
    public static readonly Refusal Name = new(RefusalReason.Validation, "meeting.name", "The group_id is the one of meeting, occurrence and generation, and they are those that were asked for.");

    /// <summary>The class of a meeting.</summary>
    public static readonly Refusal Class = new(RefusalReason.Policy, "meeting.class", "The meeting is encrypted from end to end, unless a local setting allows less.");

    /// <summary>The invitation.</summary>
    public static readonly Refusal Invitation = new(RefusalReason.Policy, "meeting.invitation", "What protects from the service is as the organiser said: strictness, hosts, anchors, frame suite.");

    /// <summary>The anchors of the policy.</summary>
    public static readonly Refusal Anchors = new(RefusalReason.Policy, "meeting.anchors", "The chains were validated with the anchors of the policy.");

    /// <summary>A generation after another.</summary>
    public static readonly Refusal Generation = new(RefusalReason.Policy, "meeting.generation", "A new generation drops nobody who was put out, no lock and no host, and changes nothing else.");

    /// <summary>Who founds a strict meeting.</summary>
    public static readonly Refusal Founder = new(RefusalReason.Policy, "meeting.founder", "Only a host founds the group of a strict meeting.");

    /// <summary>Epochs go up.</summary>
    public static readonly Refusal Rollback = new(RefusalReason.Policy, "meeting.rollback", "No epoch is joined or merged at or below the highest that was merged in this group.");

    /// <summary>The admission of a joiner.</summary>
    public static readonly Refusal NotAdmitted = new(RefusalReason.Policy, "meeting.not-admitted", "Where a host must admit, a host has signed for exactly this key, name and group, and has not put out since.");

    /// <summary>The proposals of a commit.</summary>
    public static readonly Refusal Proposals = new(RefusalReason.Policy, "meeting.proposals", "A commit holds Adds, Removes, Updates, and a changed policy; no pre-shared key and no ReInit.");

    /// <summary>An external commit.</summary>
    public static readonly Refusal ExternalCommit = new(RefusalReason.Policy, "meeting.external-commit", "An external commit replaces the leaf of the same name and key, and does nothing else.");

    /// <summary>A changed key.</summary>
    public static readonly Refusal KeyChange = new(RefusalReason.Policy, "meeting.key-change", "Who is removed and added by one commit keeps the key.");

    /// <summary>The host actions of a commit.</summary>
    public static readonly Refusal Actions = new(RefusalReason.Codec, "meeting.actions", "The authenticated data of a commit is a list of host actions, or nothing.");

    /// <summary>An action that does nothing.</summary>
    public static readonly Refusal ActionUnused = new(RefusalReason.Policy, "meeting.action-unused", "The commit rests on each host action in it.");

    /// <summary>The group of an action.</summary>
    public static readonly Refusal ActionGroup = new(RefusalReason.Policy, "meeting.action-group", "A host action is about this group.");

    /// <summary>The signer of an action.</summary>
    public static readonly Refusal ActionSigner = new(RefusalReason.Policy, "meeting.action-signer", "The signer of a host action is a host of the policy, by name and anchor.");

    /// <summary>The signature of an action.</summary>
    public static readonly Refusal ActionSignature = new(RefusalReason.Signature, "meeting.action-signature", "The signature of a host action verifies with the key in its chain.");

    /// <summary>The epoch of an action.</summary>
    public static readonly Refusal ActionEpoch = new(RefusalReason.WrongEpoch, "meeting.action-epoch", "An eject, a lock and an unlock name the epoch that ends by them; no action names one to come.");

    /// <summary>An eject.</summary>
    public static readonly Refusal EjectedRemains = new(RefusalReason.Policy, "meeting.ejected-remains", "Who is put out is removed by the same commit.");

    /// <summary>A changed policy.</summary>
    public static readonly Refusal PolicyChange = new(RefusalReason.Policy, "meeting.policy-change", "The policy changes exactly as the host actions in the commit say.");
}
