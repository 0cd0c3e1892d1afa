using RoomAgent.Agent.Media;
using RoomAgent.Crypto;
using RoomAgent.Native.OpenSsl;
using RoomAgent.Rtp;
using RoomAgent.Rtp.Jitter;
using RoomAgent.SFrame;
using RoomAgent.Wire;

namespace RoomAgent.Media.Tests.Simulated;

/// <summary>A room in a simulated call: a media session, an encoder and a microphone that send, a decoder and a player that judge what they get.</summary>
internal sealed class Room : IDisposable
{
    private static readonly TimeSpan s_sound = TimeSpan.FromMilliseconds(20);
    private readonly VirtualTime _time;
    private readonly EpochKeyring _keyring = new(OpenSslCrypto.Instance, new KeyringSettings());
    private readonly byte[] _datagram = new byte[1_500];
    private readonly byte[] _frame = new byte[1 << 18];
    private readonly Dictionary<int, Show> _shown = [];
    private Instant _scheduled = Instant.Never;
    private int _pictures;
    private int _sounds;

    public Room(VirtualTime time, MediaPlan plan, int leaf, Action<ReadOnlySpan<byte>> send)
    {
        _time = time;
        Leaf = leaf;
        Send = send;
        Session = new MediaSession(plan, _keyring, OpenSslCrypto.Instance, new MediaSettings());
    }

    public int Leaf { get; }

    public MediaSession Session { get; }

    public Action<ReadOnlySpan<byte>> Send { get; set; }

    /// <summary>How loud the microphone is: 0 to 127, as RFC 6464 counts.</summary>
    public byte Level { get; set; } = 40;

    /// <summary>How long the encoder of pictures takes.</summary>
    public TimeSpan EncoderDelay { get; set; }

    public int PicturesSent => _pictures;

    public int SoundsSent => _sounds;

    /// <summary>What the rest of the room's life is judged by, for each leaf that it sees and hears.</summary>
    public Show Of(int leaf)
    {
        if (!_shown.TryGetValue(leaf, out Show? show))
            _shown.Add(leaf, show = new Show());
        return show;
    }

    public void Merge(ulong epoch, int leaves, params int[] removed)
    {
        _keyring.AddEpoch(new FrameEpoch { Number = epoch, OwnLeaf = Leaf, LeafCount = leaves, RemovedLeaves = removed }, BaseKey(epoch), _time.Now);
        Session.HandleNewEpoch();
        Pump();
    }

    /// <summary>Films and speaks from now on.</summary>
    /// <param name="framesPerSecond">Pictures a second; 0 for none.</param>
    /// <param name="bitRate">Bits a second of pictures; null follows the session's estimate.</param>
    public void Film(double framesPerSecond, int? bitRate)
    {
        if (framesPerSecond > 0)
        {
            _time.Every(TimeSpan.FromSeconds(1 / framesPerSecond), () =>
            {
                bool isKeyFrame = Session.IsKeyFrameWanted(FrameContext.Camera) || _pictures == 0;
                int average = Math.Max(200, (int)((bitRate ?? (Session.TargetBitRate * 0.85) - 50_000) / 8 / framesPerSecond));
                var timestamp = new RtpTimestamp((uint)(_time.Now.Ticks * 9 / 1_000));
                NtpTime captured = Clock;
                _time.After(EncoderDelay, () =>
                {
                    int length = Picture.Write(_frame.AsSpan(0, isKeyFrame ? average * 4 : average), Leaf, _pictures, isKeyFrame);
                    SendOutcome outcome = Session.SendPicture(FrameContext.Camera, _frame.AsSpan(0, length), isKeyFrame, timestamp, captured);
                    if (outcome == SendOutcome.Sent)
                        _pictures++;
                    Pump();
                });
            }, TimeSpan.FromMilliseconds(Leaf));
        }

        _time.Every(s_sound, () =>
        {
            int length = Picture.Write(_frame.AsSpan(0, 80), Leaf, _sounds++, isKeyFrame: false);
            var timestamp = new RtpTimestamp((uint)(_time.Now.Ticks * 6 / 1_250));
            Session.SendSound(FrameContext.Audio, _frame.AsSpan(0, length), timestamp, Clock, new AudioLevel(Level, true));
            Pump();
        }, TimeSpan.FromMilliseconds(Leaf));

        _time.Every(s_sound, Play, TimeSpan.FromMilliseconds(3 + Leaf));
    }

    public void Receive(byte[] datagram)
    {
        Session.HandleDatagram(datagram, _time.Now);
        Pump();
    }

    public void Dispose()
    {
        Session.Dispose();
        _keyring.Dispose();
    }

    // The same for all members of an epoch, as an exporter's would be.
    private static Secret BaseKey(ulong epoch)
    {
        var key = new Secret(32);
        OpenSslCrypto.Instance.Hash(HashAlgorithm.Sha256, BitConverter.GetBytes(epoch), key.Buffer);
        return key;
    }

    private NtpTime Clock => NtpTime.Of(new DateTimeOffset(2026, 11, 24, 9, 0, 0, TimeSpan.Zero).AddTicks(_time.Now.Ticks));

    private void Pump()
    {
        _keyring.HandleTimeout(_time.Now);
        Session.HandleTimeout(_time.Now);
        while (Session.TryPollFrame(_time.Now, out ReceivedFrame frame))
            Session.HandleDecoded(frame.Ticket, Of(frame.Sender.Leaf).Decode(frame, _time.Now));
        while (Session.TryPollDatagram(_time.Now, _datagram, out int length))
            Send(_datagram.AsSpan(0, length));

        Instant next = Session.PollTimeout;
        if (next >= _scheduled && _scheduled > _time.Now)
            return;

        _scheduled = next > _time.Now + TimeSpan.FromMilliseconds(1) ? next : _time.Now + TimeSpan.FromMilliseconds(1);
        Instant scheduled = _scheduled;
        _time.At(scheduled, () =>
        {
            if (scheduled == _scheduled)
                Pump();
        });
    }

    private void Play()
    {
        foreach (RemoteStream stream in Session.Streams)
        {
            if (stream.IsVideo || stream.Sender is not { } sender)
                continue;

            // Stretching by a tenth: of ten frames one is played twice as long, or not at all.
            Show show = Of(sender.Leaf);
            bool isTenth = ++show.Pulls % 10 == 0;
            if (isTenth && show.Stretch == AudioStretch.Slower)
                continue;

            for (int frames = isTenth && show.Stretch == AudioStretch.Faster ? 2 : 1; frames > 0; frames--)
                show.Hear(Session.PullSound(stream, _time.Now), sender.Leaf, _time.Now);
        }
    }

    /// <summary>What one sees and hears of another.</summary>
    internal sealed class Show
    {
        private static readonly TimeSpan s_freeze = TimeSpan.FromMilliseconds(200);
        private int _lastPicture = -1;
        private Instant _lastShown;

        public int Pictures { get; private set; }

        /// <summary>Pictures that came without the ones before them, once there had been a first.</summary>
        public int Undecodable { get; private set; }

        public int Sounds { get; private set; }

        public int Concealed { get; private set; }

        public int Pulls { get; set; }

        public AudioStretch Stretch { get; private set; }

        public Instant? FirstPicture { get; private set; }

        /// <summary>How long the last picture was under way, from its capture until it was shown.</summary>
        public TimeSpan PictureAge { get; private set; }

        /// <summary>How long the last sound was under way.</summary>
        public TimeSpan SoundAge { get; private set; }

        /// <summary>The time between pictures that stood still for more than 200 ms, beyond those 200 ms.</summary>
        public TimeSpan Frozen { get; private set; }

        public bool Decode(in ReceivedFrame frame, Instant now)
        {
            (int number, bool isKeyFrame) = Picture.Read(frame.Data, frame.Sender.Leaf);
            if (!isKeyFrame && number != _lastPicture + 1)
            {
                Undecodable += FirstPicture is null ? 0 : 1;
                return false;
            }

            Assert.True(number > _lastPicture, "A picture came twice or back in time.");
            if (FirstPicture is null)
                FirstPicture = now;
            else if (now - _lastShown > s_freeze)
                Frozen += now - _lastShown - s_freeze;
            _lastPicture = number;
            _lastShown = now;
            PictureAge = new TimeSpan(now.Ticks - (frame.Timestamp.Value * 1_000L / 9));
            Pictures++;
            return true;
        }

        public void Hear(AudioFrame sound, int leaf, Instant now)
        {
            if (sound.Playout == AudioPlayout.Conceal)
                Concealed++;
            if (sound.Playout != AudioPlayout.Play)
                return;

            Picture.Read(sound.Payload, leaf);
            Stretch = sound.Stretch;
            SoundAge = new TimeSpan(now.Ticks - (sound.Timestamp.Value * 1_250L / 6));
            Sounds++;
        }
    }
}
