using RoomAgent.Crypto;
using RoomAgent.Meetings;
using RoomAgent.Mls;
using RoomAgent.Wire;

namespace RoomAgent.Agent.Meetings;

/// <summary>How the security code is to be shown.</summary>
public enum CodeStatus
{
    /// <summary>There is none to show.</summary>
    None = 0,

    /// <summary>It is that of the present epoch.</summary>
    Current = 1,

    /// <summary>It is that of an epoch which is about to end, or has ended.</summary>
    Changing = 2,

    /// <summary>It is held so that people can read it out, whatever happens meanwhile.</summary>
    Frozen = 3,
}

/// <summary>The code as it is shown. Codes compare only at equal epochs.</summary>
/// <param name="Status">How.</param>
/// <param name="Code">The code: <see langword="null"/> when there is none.</param>
/// <param name="Members">Members of its epoch.</param>
public readonly record struct ShownCode(CodeStatus Status, SecurityCode? Code, int Members);

/// <summary>A code to be worked out, beside the loop that carries media. Dispose of it: it holds the epoch's authenticator.</summary>
public sealed class CodeWork : IDisposable
{
    private readonly Secret _authenticator;

    internal CodeWork(CipherSuiteId suite, ulong epoch, ByteString groupId, ReadOnlySpan<byte> authenticator)
    {
        Suite = suite;
        Epoch = epoch;
        GroupId = groupId;
        _authenticator = Secret.CopyOf(authenticator);
    }

    /// <summary>The suite of the group.</summary>
    public CipherSuiteId Suite { get; }

    /// <summary>The epoch.</summary>
    public ulong Epoch { get; }

    /// <summary>The group.</summary>
    public ByteString GroupId { get; }

    /// <summary>Works it out; takes a good part of a second on a small board.</summary>
    public SecurityCode Derive(ICryptoProvider crypto) => SecurityCode.Derive(crypto, Suite, Epoch, GroupId, _authenticator.Bytes);

    /// <summary>Zeroes the authenticator.</summary>
    public void Dispose() => _authenticator.Dispose();
}

/// <summary>Which security code is shown, and when one is worked out: once an epoch has been stable for a while.</summary>
internal sealed class CodeBoard(MeetingTimes times)
{
    private const int MostHistory = 64;

    private readonly SortedDictionary<ulong, (SecurityCode Code, int Members)> _history = [];
    private ByteString _groupId;
    private ulong? _epoch;
    private int _members;
    private Instant _since;
    private bool _asked;
    private Instant? _pendingSince;
    private ulong? _shown;
    private (ulong Epoch, Instant Until)? _frozen;

    /// <summary>An epoch began. Codes of another group are forgotten.</summary>
    public void HandleEpoch(ByteString groupId, ulong epoch, int members, Instant now)
    {
        if (groupId != _groupId)
            HandleGroupEnded();
        (_groupId, _epoch, _members, _since, _asked, _pendingSince) = (groupId, epoch, members, now, false, null);
    }

    public void HandleGroupEnded()
    {
        _history.Clear();
        (_epoch, _pendingSince, _shown, _frozen) = (null, null, null, null);
    }

    /// <summary>The next epoch is on its way, or is not any more.</summary>
    public void HandlePending(bool pending, Instant now) => _pendingSince = pending ? _pendingSince ?? now : null;

    /// <summary>Whether the code of the present epoch is to be worked out now. Asked once an epoch.</summary>
    public bool IsDue(Instant now)
    {
        if (_epoch is null || _asked || _pendingSince is not null || now - _since < times.CodeStable)
            return false;

        _asked = true;
        return true;
    }

    /// <summary>Somebody wants to see the code now.</summary>
    public void Demand() => _since = _asked ? _since : new Instant(long.MinValue);

    public void HandleCode(ByteString groupId, SecurityCode code)
    {
        if (groupId != _groupId || code.Epoch > _epoch)
            return;

        _history[code.Epoch] = (code, code.Epoch == _epoch ? _members : 0);
        if (_shown is null || code.Epoch > _shown)
            _shown = code.Epoch;
        while (_history.Count > MostHistory)
            _history.Remove(_history.Keys.First());
    }

    public bool Freeze(Instant now)
    {
        if (Show(now) is not { Status: CodeStatus.Current, Code: { } code })
            return false;

        _frozen = (code.Epoch, now + times.CodeFrozen);
        return true;
    }

    public ShownCode Show(Instant now)
    {
        if (_frozen is { } frozen && now < frozen.Until && _history.TryGetValue(frozen.Epoch, out (SecurityCode Code, int Members) held))
            return new ShownCode(CodeStatus.Frozen, held.Code, held.Members);
        if (_shown is not { } shown || _epoch is not { } epoch || !_history.TryGetValue(shown, out (SecurityCode Code, int Members) last))
            return default;

        Instant changesSince = _pendingSince ?? _since;
        bool isPresent = shown == epoch;
        if (isPresent && _pendingSince is null)
            return new ShownCode(CodeStatus.Current, last.Code, last.Members);

        return now - changesSince >= times.CodeChanging ? new ShownCode(CodeStatus.Changing, last.Code, last.Members) : default;
    }

    public SecurityCode? Find(ulong epoch) => _history.TryGetValue(epoch, out (SecurityCode Code, int Members) found) ? found.Code : null;

    public Instant PollTimeout() => _epoch is null || _asked || _pendingSince is not null ? Instant.Never : _since + times.CodeStable;
}
