using RoomAgent.Wire;

namespace RoomAgent.Hub.MediaNode;

/// <summary>The legs of one meeting on this node, and who of them is forwarded to whom.</summary>
/// <remarks>
/// <para>Content is forwarded to everyone. Of the cameras, each leg gets those of the last speakers, as many as the settings and its own limit say
/// (<see cref="Leg.VideoBudget"/> bits a second, which the most recent speaker may always use). Of the voices, the loudest.</para>
/// <para>A cascade to another node will be a leg whose streams belong to several participants: a stream knows its voice, not only its leg.</para>
/// </remarks>
internal sealed class Conference(ConferenceId id, NodeSettings settings)
{
    // A picture comes when so much of the budget stays free, and goes when nothing does: one that just fits does not come and go.
    private const double Reserve = 0.1;

    private readonly List<Leg> _legs = [];
    private readonly List<IncomingStream> _voices = [];
    private readonly List<IncomingStream> _contents = [];
    private bool _isStale;

    public ConferenceId Id { get; } = id;

    public IReadOnlyList<Leg> Legs => _legs;

    public SpeakerOrder<Leg> Speakers { get; } = new();

    public void Add(Leg leg)
    {
        foreach (Leg other in _legs)
        {
            other.Subscribe(leg);
            leg.Subscribe(other);
        }

        _legs.Add(leg);
        Speakers.Add(leg);
        _voices.AddRange(leg.Streams.Where(stream => stream.Kind == StreamKind.Voice));
        _contents.AddRange(leg.Streams.Where(stream => stream.Kind == StreamKind.Content));
        Select();
    }

    public void Remove(Leg leg)
    {
        _legs.Remove(leg);
        Speakers.Remove(leg);
        foreach (Leg other in _legs)
            other.Unsubscribe(leg);
        _voices.RemoveAll(stream => stream.Leg == leg);
        _contents.RemoveAll(stream => stream.Leg == leg);
        Select();
        if (_voices.Count > settings.MostVoices)
            return;

        // There is room for all of those who are left.
        foreach (IncomingStream voice in _voices)
            voice.IsAudible = true;
    }

    /// <summary>Takes the level of a packet of <paramref name="voice"/>, and says whether the packet is to be forwarded.</summary>
    public bool Hear(IncomingStream voice, int level, Instant now)
    {
        _isStale |= Speakers.Hear(voice.Leg, level, now);
        if (_voices.Count <= settings.MostVoices)
            return true;

        // Whoever begins to speak while there is room is heard from this packet on, not from the next ranking.
        if (!voice.IsAudible && Speakers.LoudnessOf(voice.Leg, now) > 0 && 127 - level >= SpeakerOrder<Leg>.Speech)
            voice.IsAudible = CountAudible() < settings.MostVoices;
        return voice.IsAudible;
    }

    private int CountAudible()
    {
        int count = 0;
        foreach (IncomingStream voice in _voices)
            count += voice.IsAudible ? 1 : 0;
        return count;
    }

    /// <summary>Ranks the voices anew; called a few times a second.</summary>
    public void RankVoices(Instant now)
    {
        if (_voices.Count <= settings.MostVoices)
            return;

        foreach (IncomingStream voice in _voices)
            voice.Loudness = Speakers.LoudnessOf(voice.Leg, now);
        _voices.Sort(static (one, other) => other.Loudness.CompareTo(one.Loudness));
        for (int i = 0; i < _voices.Count; i++)
            _voices[i].IsAudible = i < settings.MostVoices && _voices[i].Loudness >= SpeakerOrder<Leg>.Speech;
    }

    /// <summary>Decides for every leg which streams it gets, if somebody took the floor since the last time: once a tick, not with each packet.</summary>
    public void SelectIfStale()
    {
        if (_isStale)
            Select();
    }

    /// <summary>Decides for every leg which streams it gets.</summary>
    public void Select()
    {
        _isStale = false;
        foreach (Leg leg in _legs)
            Select(leg);
    }

    /// <summary>Decides which streams <paramref name="leg"/> gets: content first, then the last speakers, within its budget.</summary>
    public void Select(Leg leg)
    {
        double budget = leg.VideoBudget;
        double reserve = budget * Reserve;
        foreach (IncomingStream stream in _contents)
        {
            if (leg.Incoming(stream.Leg, StreamKind.Content) is not { } content)
                continue;

            budget -= stream.BitRate;
            Want(content);
        }

        // Only as many are looked at as are taken, so that a large meeting costs no more than its legs.
        leg.BeginCameras();
        for (int i = 0; i < Speakers.Recent.Count && leg.Cameras.Count < settings.LastCameras; i++)
        {
            Leg speaker = Speakers.Recent[i];
            if (speaker == leg || leg.Incoming(speaker, StreamKind.Camera) is not { } camera)
                continue;

            budget -= camera.Stream.BitRate;
            if (leg.Cameras.Count > 0 && budget < (camera.IsWanted ? 0 : reserve))
                break;

            leg.Cameras.Add(camera);
            Want(camera);
        }

        leg.EndCameras();
    }

    // A decoder can do nothing with the middle of a sequence of pictures. A leg that cannot be reached yet has its key frame asked for when it can.
    private static void Want(OutgoingStream outgoing)
    {
        if (outgoing.Resume() && outgoing.Leg.Flow is not null)
            outgoing.Stream.KeyFrameWanted = true;
    }
}
