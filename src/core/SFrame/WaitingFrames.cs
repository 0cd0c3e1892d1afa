using RoomAgent.Wire;

namespace RoomAgent.SFrame;

/// <summary>How much may wait for a key, and how long.</summary>
public sealed record WaitingSettings
{
    /// <summary>How long a frame waits for its epoch. Not negative.</summary>
    public TimeSpan Wait { get; init; } = TimeSpan.FromMilliseconds(300);

    /// <summary>Frames that wait in one stream: at least 1.</summary>
    public int FramesOfAStream { get; init; } = 64;

    /// <summary>Streams that have frames waiting: at least 1.</summary>
    public int Streams { get; init; } = 64;

    /// <summary>Bytes of all frames that wait, with their metadata: at least 1. This memory is set aside at the start.</summary>
    public int Bytes { get; init; } = 4 * 1024 * 1024;
}

/// <summary>A frame that comes out of <see cref="WaitingFrames{TInfo}"/>, to be opened.</summary>
/// <typeparam name="TInfo">What came with it.</typeparam>
/// <param name="stream">The stream.</param>
/// <param name="frame">The frame.</param>
/// <param name="metadata">Its metadata.</param>
/// <param name="info">What came with it.</param>
public readonly ref struct WaitingFrame<TInfo>(uint stream, ReadOnlySpan<byte> frame, ReadOnlySpan<byte> metadata, TInfo info)
{
    /// <summary>The stream it came in.</summary>
    public uint Stream { get; } = stream;

    /// <summary>The sealed frame, readable until the next call.</summary>
    public ReadOnlySpan<byte> Frame { get; } = frame;

    /// <summary>What was to be authenticated along with it, readable until the next call.</summary>
    public ReadOnlySpan<byte> Metadata { get; } = metadata;

    /// <summary>What the caller gave along.</summary>
    public TInfo Info { get; } = info;
}

/// <summary>Frames sealed in an epoch that we have not merged yet: they wait a moment, and come out in the order of their coming when their epoch is there.</summary>
/// <remarks>
/// RFC 9605 section 4.4.4 allows it. Memory is set aside once, for the bytes and for the places: nothing is allocated for a frame.
/// When there is no room the new frame is refused, since the ones before it are what the decoder needs first. One caller at a time.
/// </remarks>
/// <typeparam name="TInfo">What the caller wants to find again with the frame, such as its RTP timestamp.</typeparam>
public sealed class WaitingFrames<TInfo>
    where TInfo : struct
{
    private readonly WaitingSettings _settings;
    private readonly byte[] _memory;
    private readonly Place[] _places;
    private readonly uint[] _streams;
    private readonly int[] _framesOfStream; // 0 when the place in the table is free

    // Places are numbered without end and lie at their number modulo the length. A frame taken out early leaves a hole
    // until all before it are gone too, which takes no longer than the wait.
    private long _first;
    private long _end;
    private long _cursor;
    private int _memoryEnd;

    /// <summary>Nothing waits yet.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A setting is outside its range.</exception>
    public WaitingFrames(WaitingSettings settings)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(settings.Wait, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThan(settings.FramesOfAStream, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(settings.Streams, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(settings.Bytes, 1);

        _settings = settings;
        _memory = GC.AllocateUninitializedArray<byte>(settings.Bytes);
        _places = new Place[checked(settings.FramesOfAStream * settings.Streams)];
        _streams = new uint[settings.Streams];
        _framesOfStream = new int[settings.Streams];
    }

    /// <summary>Frames that wait now.</summary>
    public int Waiting { get; private set; }

    /// <summary>Frames that came out in time.</summary>
    public long Taken { get; private set; }

    /// <summary>Frames whose epoch did not come in time.</summary>
    public long Lost { get; private set; }

    /// <summary>Frames for which there was no room.</summary>
    public long Refused { get; private set; }

    /// <summary>Keeps a copy of a frame whose key is <see cref="OpenOutcome.KeyAhead"/>.</summary>
    /// <param name="stream">Where it belongs, such as its SSRC: frames of a stream stay in order and share a limit.</param>
    /// <param name="keyId">The KID of the frame.</param>
    /// <param name="frame">The sealed frame; not empty.</param>
    /// <param name="metadata">What goes with it.</param>
    /// <param name="info">What shall come out with it.</param>
    /// <param name="now">The time, never before that of the last call.</param>
    /// <returns><see langword="false"/> when there is no room: the frame is lost, and counted in <see cref="Refused"/>.</returns>
    public bool TryKeep(uint stream, KeyId keyId, ReadOnlySpan<byte> frame, ReadOnlySpan<byte> metadata, TInfo info, Instant now)
    {
        HandleTimeout(now);
        long length = (long)frame.Length + metadata.Length;
        int entry = FindStream(stream);
        if (frame.IsEmpty || entry < 0 || _framesOfStream[entry] >= _settings.FramesOfAStream || _end - _first == _places.Length
            || !TryFindMemory(length, out int offset))
        {
            Refused++;
            return false;
        }

        frame.CopyTo(_memory.AsSpan(offset));
        metadata.CopyTo(_memory.AsSpan(offset + frame.Length));
        _places[_end % _places.Length] = new Place
        {
            Waits = true,
            Stream = entry,
            KeyId = keyId,
            Offset = offset,
            FrameLength = frame.Length,
            MetadataLength = metadata.Length,
            Until = now + _settings.Wait,
            Info = info,
        };
        _end++;
        _memoryEnd = offset + (int)length;
        _streams[entry] = stream;
        _framesOfStream[entry]++;
        Waiting++;
        return true;
    }

    /// <summary>Takes the next frame out whose epoch is no longer ahead. After an epoch was added, to be called until it gives nothing.</summary>
    /// <param name="keys">Where the frames will be opened.</param>
    /// <param name="frame">The frame, readable until the next call.</param>
    /// <returns><see langword="false"/> when there is none; the next call starts again at the oldest.</returns>
    public bool TryTake(IFrameKeys keys, out WaitingFrame<TInfo> frame)
    {
        for (_cursor = Math.Max(_cursor, _first); _cursor < _end; _cursor++)
        {
            ref Place place = ref _places[_cursor % _places.Length];
            if (!place.Waits || keys.IsAhead(place.KeyId))
                continue;

            Span<byte> bytes = _memory.AsSpan(place.Offset, place.FrameLength + place.MetadataLength);
            frame = new(_streams[place.Stream], bytes[..place.FrameLength], bytes[place.FrameLength..], place.Info);
            _cursor++;
            Taken++;
            Free(ref place);
            return true;
        }

        _cursor = 0;
        frame = default;
        return false;
    }

    /// <summary>When the oldest frame has waited long enough; <see cref="Instant.Never"/> when none waits.</summary>
    public Instant PollTimeout() => Waiting == 0 ? Instant.Never : _places[_first % _places.Length].Until;

    /// <summary>Counts frames whose time is up as lost, and forgets them.</summary>
    public void HandleTimeout(Instant now)
    {
        while (Waiting > 0)
        {
            ref Place oldest = ref _places[_first % _places.Length];
            if (oldest.Until > now)
                return;

            Lost++;
            Free(ref oldest);
        }
    }

    /// <summary>Forgets all frames, as lost ones: when a meeting ends or its group is founded anew.</summary>
    public void Clear() => HandleTimeout(Instant.Never);

    // The oldest place always waits, unless there is none: holes at the front are closed at once.
    private void Free(ref Place place)
    {
        place.Waits = false;
        _framesOfStream[place.Stream]--;
        Waiting--;
        while (_first < _end && !_places[_first % _places.Length].Waits)
            _first++;
    }

    // The entry of the stream in the table, or a free one for it; -1 when there is neither.
    private int FindStream(uint stream)
    {
        int free = -1;
        for (int i = 0; i < _streams.Length; i++)
        {
            if (_framesOfStream[i] == 0)
                free = i;
            else if (_streams[i] == stream)
                return i;
        }

        return free;
    }

    // What is in use runs from the oldest frame to the end of the newest, perhaps around the end of the memory.
    private bool TryFindMemory(long length, out int offset)
    {
        offset = 0;
        if (_first == _end)
            return length <= _memory.Length;

        int start = _places[_first % _places.Length].Offset;
        bool wrapped = _memoryEnd <= start;
        offset = _memoryEnd;
        if (length <= (wrapped ? start : _memory.Length) - _memoryEnd)
            return true;

        offset = 0;
        return !wrapped && length <= start;
    }

    private struct Place
    {
        public bool Waits;
        public int Stream;
        public KeyId KeyId;
        public int Offset;
        public int FrameLength;
        public int MetadataLength;
        public Instant Until;
        public TInfo Info;
    }
}
