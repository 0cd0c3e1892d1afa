namespace RoomAgent.SFrame;

/// <summary>How long keys are used and kept.</summary>
public sealed record KeyringSettings
{
    /// <summary>The longest that <see cref="OldKeys"/> and <see cref="OldKeysAfterRemove"/> may be.</summary>
    public static readonly TimeSpan LongestOldKeys = TimeSpan.FromSeconds(10);

    /// <summary>The most frames that one key may seal: CTR stays below 2^32.</summary>
    public const long MostFramesLimit = 1L << 32;

    /// <summary>The cipher suite of the meeting.</summary>
    public SFrameCipherSuite Suite { get; init; } = SFrameCipherSuite.Aes256GcmSha512;

    /// <summary>How long after our merge we seal with a new epoch at the latest, when not all members have said that they have merged it. At most as long as the old keys are kept.</summary>
    public TimeSpan SendSwitch { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>How long an epoch still opens frames after the merge of the next one: 0 to <see cref="LongestOldKeys"/>.</summary>
    public TimeSpan OldKeys { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>The same when that merge, or a later one, removed somebody: 0 to <see cref="LongestOldKeys"/>.</summary>
    public TimeSpan OldKeysAfterRemove { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How long after its merge an epoch may seal. <see cref="EpochKeyring.IsNewKeyDue"/> says so when half of it has passed. Longer than <see cref="SendSwitch"/>.</summary>
    public TimeSpan KeyLife { get; init; } = TimeSpan.FromHours(24);

    /// <summary>Frames that one key may seal: 1 to <see cref="MostFramesLimit"/>. <see cref="EpochKeyring.IsNewKeyDue"/> says so when half are sealed.</summary>
    public long KeyFrames { get; init; } = MostFramesLimit;

    /// <summary>Opening keys held at once, all epochs together. Senders beyond are refused.</summary>
    public int MostOpeningKeys { get; init; } = 8_192;

    /// <exception cref="ArgumentException">A setting is outside its range; the message names it.</exception>
    internal void Check()
    {
        _ = Suite.Tag();
        Require(OldKeys >= TimeSpan.Zero && OldKeys <= LongestOldKeys, nameof(OldKeys));
        Require(OldKeysAfterRemove >= TimeSpan.Zero && OldKeysAfterRemove <= LongestOldKeys, nameof(OldKeysAfterRemove));
        Require(SendSwitch >= TimeSpan.Zero && SendSwitch <= OldKeys && SendSwitch <= OldKeysAfterRemove, nameof(SendSwitch));
        Require(KeyLife > SendSwitch, nameof(KeyLife));
        Require(KeyFrames is > 0 and <= MostFramesLimit, nameof(KeyFrames));
        Require(MostOpeningKeys > 0, nameof(MostOpeningKeys));
    }

    private static void Require(bool holds, string name)
    {
        if (!holds)
            throw new ArgumentException($"{name} is outside its range.", name);
    }
}
