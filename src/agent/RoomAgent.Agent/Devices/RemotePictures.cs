using System.Buffers;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using RoomAgent.Hal;
using RoomAgent.Wire;

namespace RoomAgent.Agent.Devices;

/// <summary>What became of an encoded picture.</summary>
/// <param name="Stream">Whose it was.</param>
/// <param name="Tag">The number that came with it.</param>
/// <param name="IsDecoded">Whether it could be decoded, and whole; else its stream goes on with a key frame.</param>
public readonly record struct DecodeReport(uint Stream, long Tag, bool IsDecoded);

/// <summary>
/// Decodes the pictures of the others on a few threads of its own. A stream keeps to one thread, so that its pictures stay in order; each has a bounded
/// queue, and what does not fit is told to the caller, who asks for a key frame. A decoder that throws is given up, and its stream gets another a while later:
/// what comes in is from outside, and a mistake of ours in one stream must not take the others down with it.
/// </summary>
/// <remarks>One caller, the media loop, calls everything; pictures are given to <c>shown</c> on the threads that decode.</remarks>
public sealed class RemotePictures : IDisposable
{
    /// <summary>Streams that are decoded at most.</summary>
    public const int MostStreams = 12; // nine cameras, and what is presented beside them

    private const int Waiting = 8;
    private static readonly TimeSpan s_retry = TimeSpan.FromSeconds(1); // opening takes long, and frames come thirty times a second

    private readonly IVideoCodecs _codecs;
    private readonly Action<long, VideoFrame> _shown;
    private readonly TimeProvider _clock;
    private readonly ILogger _log;
    private readonly Dictionary<uint, Stream> _streams = [];
    private readonly Worker[] _workers;
    private readonly Channel<DecodeReport> _reports = Channel.CreateBounded<DecodeReport>(new BoundedChannelOptions(MostStreams * Waiting * 2) { SingleReader = true, FullMode = BoundedChannelFullMode.DropOldest });

    private Instant _notBefore;
    private string _problem = "";

    /// <summary>Starts the threads.</summary>
    /// <param name="codecs">Where decoders come from.</param>
    /// <param name="threads">How many threads decode, 1 to 8.</param>
    /// <param name="shown">Gets each picture, with the number that came with it, and gives it back.</param>
    /// <param name="clock">The machine's clock.</param>
    /// <param name="log">The journal.</param>
    public RemotePictures(IVideoCodecs codecs, int threads, Action<long, VideoFrame> shown, TimeProvider clock, ILogger log)
    {
        _codecs = codecs;
        _shown = shown;
        _clock = clock;
        _log = log;
        _notBefore = Now;
        _workers = [.. Enumerable.Range(0, Math.Clamp(threads, 1, 8)).Select(i => new Worker($"decoder {i}"))];
    }

    private Instant Now => new(_clock.GetElapsedTime(0).Ticks);

    /// <summary>Gives an encoded picture to its decoder.</summary>
    /// <param name="stream">Whose it is. A new stream gets a decoder.</param>
    /// <param name="data">One access unit; copied.</param>
    /// <param name="capturedAt">The time that the picture is to have.</param>
    /// <param name="tag">Comes back with the picture and with the report.</param>
    /// <returns><see langword="false"/> when there are too many streams, no decoder, or too much waiting: then the picture is lost and nothing is reported.</returns>
    public bool TryDecode(uint stream, ReadOnlySpan<byte> data, TimeSpan capturedAt, long tag)
    {
        if (_streams.TryGetValue(stream, out Stream? known) && known.HasFailed)
        {
            if (Now < known.RetryAt)
                return false;
            Remove(stream);
            known = null;
        }

        if (known is null && (known = Add(stream)) is null)
            return false;

        return known.TryEnqueue(data, capturedAt, tag);
    }

    /// <summary>What became of pictures given before. To be called until it gives nothing.</summary>
    public bool TryPollReport(out DecodeReport report) => _reports.Reader.TryRead(out report);

    /// <summary>Ends a stream's decoder. Pictures of it that wait are not decoded.</summary>
    public void Remove(uint stream)
    {
        if (_streams.Remove(stream, out Stream? known))
            known.End();
    }

    /// <summary>Ends all decoders and threads.</summary>
    public void Dispose()
    {
        foreach (Stream stream in _streams.Values)
            stream.End();
        _streams.Clear();
        foreach (Worker worker in _workers)
            worker.Dispose();
    }

    private Stream? Add(uint stream)
    {
        if (_streams.Count >= MostStreams || Now < _notBefore)
            return null;

        IVideoDecoder? decoder = _codecs.OpenDecoder(out string problem);
        if (decoder is null)
        {
            _notBefore = Now + s_retry;
            if (problem != _problem)
                _log.DecoderMissing(problem);
            _problem = problem;
            return null;
        }

        _problem = "";
        Worker least = _workers.MinBy(worker => worker.Streams)!;
        var added = new Stream(stream, decoder, least, this);
        _streams.Add(stream, added);
        return added;
    }

    // Of one sender. Its queue lends each buffer again, so that it allocates only until it has seen the largest picture.
    private sealed class Stream
    {
        private readonly uint _id;
        private readonly IVideoDecoder _decoder;
        private readonly Worker _worker;
        private readonly RemotePictures _owner;
        private readonly Lock _queueTurn = new();
        private readonly Entry[] _queue = new Entry[Waiting];
        private int _first;
        private int _count;
        private bool _ended;
        private Instant _retryAt;
        private volatile bool _hasFailed;

        public Stream(uint id, IVideoDecoder decoder, Worker worker, RemotePictures owner)
        {
            (_id, _decoder, _worker, _owner) = (id, decoder, worker, owner);
            Array.Fill(_queue, new Entry([], 0, default, 0));
            worker.HandleAdded();
        }

        // Whether the decoder was given up. It is written last, and RetryAt once before it.
        public bool HasFailed => _hasFailed;

        public Instant RetryAt => _retryAt;

        public bool TryEnqueue(ReadOnlySpan<byte> data, TimeSpan capturedAt, long tag)
        {
            lock (_queueTurn)
            {
                if (_count == Waiting)
                    return false;

                // The entry being decoded is the first and stays in the queue until that is done, so nobody writes over it.
                ref Entry entry = ref _queue[(_first + _count) % Waiting];
                byte[] buffer = entry.Data;
                if (buffer.Length < data.Length)
                {
                    if (buffer.Length > 0)
                        ArrayPool<byte>.Shared.Return(buffer, clearArray: true);
                    buffer = ArrayPool<byte>.Shared.Rent(data.Length);
                }

                data.CopyTo(buffer);
                entry = new Entry(buffer, data.Length, capturedAt, tag);
                _count++;
            }

            _worker.Post(this);
            return true;
        }

        public void End()
        {
            lock (_queueTurn)
                _ended = true;
            _worker.Post(this);
        }

        // On the worker's thread: once for every picture, and once for the end.
        public void Work()
        {
            try
            {
                WorkOrThrow();
            }
#pragma warning disable CA1031 // whatever it is, it is logged, and the stream gets another decoder; those beside it go on
            catch (Exception mistake)
#pragma warning restore CA1031
            {
                _owner._log.DecoderMistaken(mistake, _id);
                _retryAt = _owner.Now + s_retry;
                _hasFailed = true;
            }
        }

        private void WorkOrThrow()
        {
            Entry entry;
            lock (_queueTurn)
            {
                if (_ended)
                {
                    Free();
                    return;
                }

                if (_count == 0)
                    return;
                entry = _queue[_first];
            }

            bool isDecoded = false;
            try
            {
                isDecoded = !_hasFailed && Decode(entry);
            }
            finally
            {
                _owner._reports.Writer.TryWrite(new DecodeReport(_id, entry.Tag, isDecoded));
                lock (_queueTurn)
                {
                    _first = (_first + 1) % Waiting;
                    _count--;
                }
            }
        }

        private bool Decode(in Entry entry)
        {
            DeviceOutcome outcome = _decoder.Decode(entry.Data.AsSpan(0, entry.Length), entry.CapturedAt, out VideoFrame? picture);
            bool isWhole = picture is not { IsConcealed: true };
            if (picture is not null)
                _owner._shown(entry.Tag, picture);
            return isWhole && outcome is DeviceOutcome.Done or DeviceOutcome.Nothing;
        }

        // What people showed is not left lying about in a pool.
        private void Free()
        {
            if (_queue[0].Data is null)
                return;

            foreach (Entry entry in _queue.Where(entry => entry.Data.Length > 0))
                ArrayPool<byte>.Shared.Return(entry.Data, clearArray: true);
            Array.Clear(_queue);
            _count = 0;
            _worker.HandleRemoved();
            _decoder.Dispose();
        }

        private readonly record struct Entry(byte[] Data, int Length, TimeSpan CapturedAt, long Tag);
    }

    private sealed class Worker : IDisposable
    {
        private readonly BlockingQueue _work = new();
        private readonly Thread _thread;
        private int _streams;

        public Worker(string name)
        {
            _thread = new Thread(Run) { IsBackground = true, Name = name };
            _thread.Start();
        }

        public int Streams => Volatile.Read(ref _streams);

        public void HandleAdded() => Interlocked.Increment(ref _streams);

        public void HandleRemoved() => Interlocked.Decrement(ref _streams);

        public void Post(Stream stream) => _work.Add(stream);

        // What was posted before is done first, ends of streams included, so that every decoder is freed.
        public void Dispose()
        {
            _work.Add(null);
            _thread.Join();
        }

        private void Run()
        {
            while (_work.Take() is { } stream)
                stream.Work();
        }
    }

    // As BlockingCollection, without an allocation for each wait.
    private sealed class BlockingQueue
    {
        private readonly Queue<Stream?> _items = new(MostStreams * (Waiting + 1));

        public void Add(Stream? stream)
        {
            lock (_items)
            {
                _items.Enqueue(stream);
                Monitor.Pulse(_items);
            }
        }

        public Stream? Take()
        {
            lock (_items)
            {
                while (_items.Count == 0)
                    Monitor.Wait(_items);
                return _items.Dequeue();
            }
        }
    }
}
