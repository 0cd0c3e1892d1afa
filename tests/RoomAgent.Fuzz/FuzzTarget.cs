using RoomAgent.Fuzz.Targets;

namespace RoomAgent.Fuzz;

/// <summary>One parser that takes bytes from strangers.</summary>
/// <param name="Name">Names the folder of its corpus too.</param>
/// <param name="Run">Gives the parser the bytes. An exception is a finding.</param>
/// <param name="Seeds">Good inputs, to start from.</param>
public sealed record FuzzTarget(string Name, FuzzTarget.Parser Run, Func<IEnumerable<byte[]>> Seeds)
{
    public delegate void Parser(ReadOnlySpan<byte> input);

    /// <summary>Bytes that it may allocate whatever it is given: something for those that work out more than the input says, such as dates of a rule.</summary>
    public int Allowance { get; init; }

    /// <summary>Every target there is. A new parser adds its line here.</summary>
    public static IReadOnlyList<FuzzTarget> All { get; } =
    [
        WireTargets.Reader,
        CryptoTargets.AeadOpen,
        CryptoTargets.HpkeOpen,
        CryptoTargets.PublicKeys,
        CryptoTargets.Signatures,
        X509Targets.Chain,
        X509Targets.Label,
        SettingsTargets.File,
        MlsTargets.Message,
        MlsTargets.KeyPackage,
        MlsTargets.Tree,
        MlsTargets.GroupSecrets,
        MlsTargets.GroupInfo,
        MlsTargets.Proposal,
        MlsTargets.Commit,
        MlsTargets.RequiredCapabilities,
        MlsTargets.ExternalSenders,
        MlsTargets.Join,
        MlsTargets.Receive,
        MlsTargets.Insider,
        MlsTargets.PrivateContent,
        MeetingTargets.FromClient,
        MeetingTargets.FromService,
        MeetingTargets.Policy,
        MeetingTargets.HostActions,
        MeetingTargets.Beat,
        MeetingTargets.Desk,
        MeetingTargets.Member,
        SFrameTargets.Header,
        SFrameTargets.Open,
        CalmTargets.TransportFeedbackMessage,
        CalmTargets.Retransmission,
        CalmTargets.JitterBuffer,
        StunTargets.Message,
        SrtpTargets.Rtp,
        SrtpTargets.Rtcp,
        RtpTargets.Packet,
        RtpTargets.Rtcp,
        RtpTargets.Sdp,
        NetTargets.Framing,
        NetTargets.Proxy,
        MediaTargets.Router,
        MediaTargets.Session,
        CodecTargets.H264,
        CodecTargets.Opus,
        HubTargets.SetupCodeText,
        HubTargets.Codes,
        HubTargets.Proof,
        HubTargets.ProofContent,
        HubTargets.Request,
        CalendarTargets.File,
        CalendarTargets.Rule,
        RoomTargets.Calendar,
        LocalTargets.Call,
        LocalTargets.Reply,
        LocalTargets.View,
    ];

    /// <summary>The folder of inputs that were worth keeping, for ever.</summary>
    public string CorpusFolder => Path.Combine(Testing.Repository.Root, "tests", "RoomAgent.Fuzz", "Corpus", Name);

    /// <summary>The seeds and what was found and kept.</summary>
    public IReadOnlyList<byte[]> LoadCorpus()
    {
        string[] kept = Directory.Exists(CorpusFolder) ? Directory.GetFiles(CorpusFolder) : [];
        return [.. Seeds(), .. kept.Order(StringComparer.Ordinal).Select(File.ReadAllBytes)];
    }
}
