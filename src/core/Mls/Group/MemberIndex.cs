using System.Collections.Immutable;
using RoomAgent.Wire;

namespace RoomAgent.Mls;

/// <summary>
/// What the members have in common, counted, so that a commit need not look at every leaf: who is in, which credential types are used,
/// and how many support what. A value.
/// </summary>
internal sealed class MemberIndex
{
    private readonly ImmutableDictionary<ByteString, uint> _identities;
    private readonly ImmutableDictionary<CredentialType, int> _credentialsInUse;
    private readonly ImmutableDictionary<(char Kind, ushort Type), int> _supporters;

    private MemberIndex(
        int members,
        ImmutableDictionary<ByteString, uint> identities,
        ImmutableDictionary<CredentialType, int> credentialsInUse,
        ImmutableDictionary<(char Kind, ushort Type), int> supporters)
    {
        Members = members;
        _identities = identities;
        _credentialsInUse = credentialsInUse;
        _supporters = supporters;
    }

    public static MemberIndex Empty { get; } = new(
        0,
        ImmutableDictionary<ByteString, uint>.Empty,
        ImmutableDictionary<CredentialType, int>.Empty,
        ImmutableDictionary<(char, ushort), int>.Empty);

    public int Members { get; }

    public LeafIndex? Find(ByteString identity) => _identities.TryGetValue(identity, out uint leaf) ? new LeafIndex(leaf) : null;

    public MemberIndex With(LeafIndex index, LeafNode leaf, ByteString identity) => new(
        Members + 1,
        _identities.SetItem(identity, index.Value),
        Count(_credentialsInUse, [leaf.Credential.Type], +1),
        Count(_supporters, Supported(leaf), +1));

    public MemberIndex Without(LeafNode leaf, ByteString identity) => new(
        Members - 1,
        _identities.Remove(identity),
        Count(_credentialsInUse, [leaf.Credential.Type], -1),
        Count(_supporters, Supported(leaf), -1));

    /// <summary>Whether <paramref name="leaf"/> understands the credentials of all members and they understand its own (section 7.3).</summary>
    public bool IsCompatible(LeafNode leaf) =>
        _credentialsInUse.Keys.All(leaf.Capabilities.Supports)
        && leaf.Capabilities.Supports(leaf.Credential.Type)
        && IsSupportedByAll('c', (ushort)leaf.Credential.Type);

    /// <summary>Whether every member has what <paramref name="required"/> lists (section 11.1).</summary>
    public bool Satisfies(RequiredCapabilities required) =>
        required.Extensions.All(type => IsDefault((ExtensionType)type) || IsSupportedByAll('e', type))
        && required.Proposals.All(type => IsDefault((ProposalType)type) || IsSupportedByAll('p', type))
        && required.Credentials.All(type => IsSupportedByAll('c', type));

    public bool IsSupportedByAll(ExtensionType type) => IsDefault(type) || IsSupportedByAll('e', (ushort)type);

    private static bool IsDefault(ExtensionType type) => type is >= ExtensionType.ApplicationId and <= ExtensionType.ExternalSenders;

    private static bool IsDefault(ProposalType type) => type is >= ProposalType.Add and <= ProposalType.GroupContextExtensions;

    private bool IsSupportedByAll(char kind, ushort type) => _supporters.GetValueOrDefault((kind, type)) == Members;

    private static IEnumerable<(char, ushort)> Supported(LeafNode leaf) =>
    [
        .. leaf.Capabilities.Extensions.Distinct().Select(type => ('e', type)),
        .. leaf.Capabilities.Proposals.Distinct().Select(type => ('p', type)),
        .. leaf.Capabilities.Credentials.Distinct().Select(type => ('c', type)),
    ];

    private static ImmutableDictionary<T, int> Count<T>(ImmutableDictionary<T, int> counts, IEnumerable<T> keys, int step)
        where T : notnull
    {
        var builder = counts.ToBuilder();
        foreach (T key in keys)
        {
            int count = builder.GetValueOrDefault(key) + step;
            if (count == 0)
                builder.Remove(key);
            else
                builder[key] = count;
        }

        return builder.ToImmutable();
    }
}
