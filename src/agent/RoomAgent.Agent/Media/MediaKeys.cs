using System.Collections.Concurrent;
using RoomAgent.Agent.Meetings;
using RoomAgent.Crypto;
using RoomAgent.SFrame;
using RoomAgent.Wire;

namespace RoomAgent.Agent.Media;

/// <summary>
/// The keys of a meeting's media, on the side of the loop that seals and opens: what the member of the group says comes in by <see cref="Post"/>, on its loop,
/// and takes effect with the next <see cref="Handle"/> on this one. So no key is zeroed while a frame is under it.
/// </summary>
/// <remarks>All but <see cref="Post"/> and <see cref="Posted"/> is for one caller at a time. It outlives sessions: counters belong to the keys.</remarks>
public sealed class MediaKeys : IFrameKeys, IDisposable
{
    private readonly ConcurrentQueue<KeyChange> _changes = new();
    private readonly EpochKeyring _keyring;
    private bool _maySend;
    private bool _isDisposed;

    /// <summary>Begins without keys.</summary>
    public MediaKeys(ICryptoProvider crypto, KeyringSettings settings) => _keyring = new EpochKeyring(crypto, settings);

    /// <summary>Raised when there is something to handle, on the thread that posted it. Who is told must not wait.</summary>
    public event Action? Posted;

    /// <summary>When <see cref="Handle"/> wants to be called, if nothing is posted before.</summary>
    public Instant PollTimeout => _keyring.PollTimeout();

    /// <summary>Takes a change. Any thread; does not wait.</summary>
    public void Post(KeyChange change)
    {
        _changes.Enqueue(change);
        Posted?.Invoke();
    }

    /// <summary>Has what was posted, and what is due, take effect.</summary>
    /// <returns>Whether an epoch began: frames that waited for it can be opened.</returns>
    public bool Handle(Instant now)
    {
        bool hasBegun = false;
        while (_changes.TryDequeue(out KeyChange? change))
        {
            switch (change)
            {
                case EpochBegan begun:
                    Begin(begun);
                    hasBegun = true;
                    break;
                case AllReady ready:
                    _keyring.HandleAllReady(ready.Epoch);
                    break;
                case SendingChanged sending:
                    _maySend = sending.MaySend;
                    break;
                case KeysEnded:
                    _maySend = false;
                    _keyring.Dispose();
                    _isDisposed = true;
                    break;
            }
        }

        if (!_isDisposed)
            _keyring.HandleTimeout(now);
        return hasBegun;
    }

    /// <inheritdoc/>
    public SealingKey? FindSealing(FrameContext context) => _maySend ? _keyring.FindSealing(context) : null;

    /// <inheritdoc/>
    public OpeningKey? FindOpening(KeyId keyId, out OpenOutcome refusal) => _keyring.FindOpening(keyId, out refusal);

    /// <inheritdoc/>
    public bool IsAhead(KeyId keyId) => _keyring.IsAhead(keyId);

    /// <summary>Zeroes everything, what was posted and not handled too.</summary>
    public void Dispose()
    {
        _isDisposed = true;
        while (_changes.TryDequeue(out KeyChange? change))
            (change as EpochBegan)?.BaseKey.Dispose();
        _keyring.Dispose();
    }

    // What was left behind by an ended meeting has no use for keys any more.
    private void Begin(EpochBegan begun)
    {
        if (_isDisposed)
        {
            begun.BaseKey.Dispose();
            return;
        }

        _keyring.AddEpoch(begun.Epoch, begun.BaseKey, begun.MergedAt);
    }
}
