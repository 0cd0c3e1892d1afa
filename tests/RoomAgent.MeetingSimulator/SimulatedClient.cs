using RoomAgent.Agent.Media;
using RoomAgent.Agent.Meetings;
using RoomAgent.Hub.Meetings;
using RoomAgent.Meetings;
using RoomAgent.Native.OpenSsl;
using RoomAgent.SFrame;
using RoomAgent.Wire;

namespace RoomAgent.MeetingSimulator;

/// <summary>A machine with a key and a certificate, on which a member runs or does not.</summary>
public sealed class SimulatedClient(World world, Person person, bool invited, Func<MemberSettings, MemberSettings> with)
{
    private int _run;
    private Instant _wake = Instant.Never;
    private MediaKeys? Held { get; set; }


    public Person Person { get; } = person;

    public bool IsInvited { get; } = invited;

    /// <summary>The member: <see langword="null"/> while the machine is down.</summary>
    public MeetingMember? Member { get; private set; }

    /// <summary>The keys of its media, as they are now.</summary>
    public MediaKeys Keys
    {
        get
        {
            Held!.Handle(world.Now);
            return Held;
        }
    }

    public ConnectionId? Connection { get; private set; }

    /// <summary>Whether the person wants to be in the meeting.</summary>
    public bool WantsIn { get; private set; }

    /// <summary>Incarnations of the member until now.</summary>
    public int Runs => _run;

    public List<MemberEvent> Events { get; } = [];

    public Action<MemberEvent>? OnEvent { get; set; }

    public bool IsIn => Member?.Phase == MeetingPhase.InMeeting;

    /// <summary>Starts the machine and joins.</summary>
    public void Join()
    {
        WantsIn = true;
        if (Member is { Phase: MeetingPhase.Left })
        {
            Disconnect();
            Stop();
        }

        if (Member is null)
        {
            _run++;
            _wake = Instant.Never;
            int seed = HashCode(world.Seed, Person.Name, _run);
            Held = new MediaKeys(OpenSslCrypto.Instance, new KeyringSettings());
            Member = new MeetingMember(with(People.Member(Person, world.Policy, seed) with { Times = world.Times }));
            world.Note($"{Person.Name} starts ({_run})");
        }

        Member.Join(world.Time);
        Connect();
    }

    public void Leave()
    {
        WantsIn = false;
        world.Note($"{Person.Name} leaves");
        Member?.Leave(world.Time);
    }

    /// <summary>Power fails: everything is forgotten but the key.</summary>
    public void Crash()
    {
        if (Member is null)
            return;

        world.Note($"{Person.Name} crashes");
        Disconnect();
        Stop();
    }

    public void Connect()
    {
        if (Connection is not null || Member is null || world.Connect(this) is not { } id)
            return;

        world.Note($"{Person.Name} connects");
        Connection = id;
        Member.HandleConnected(world.Time);
    }

    public void Disconnect()
    {
        if (Connection is not { } id)
            return;

        world.Note($"{Person.Name} disconnects");
        Connection = null;
        world.Disconnect(id);
        Member?.HandleDisconnected(world.Time);
    }

    /// <summary>Sends to the service what no right member would.</summary>
    public void Send(ClientMessage message)
    {
        if (Connection is { } id)
            world.ToService(id, message);
    }

    internal void Receive(ConnectionId connection, ByteString bytes)
    {
        if (Connection == connection)
            Member?.HandleMessage(bytes, world.Time);
    }

    internal bool Pump()
    {
        if (Member is not { } member)
            return false;

        bool any = false;
        while (member.TryPollMessage(out ClientMessage? message))
        {
            any = true;
            if (Connection is { } id)
                world.ToService(id, message);
        }

        while (member.TryPollEvent(out MemberEvent? happened))
        {
            any = true;
            Events.Add(happened);
            world.Note($"{Person.Name}: {Describe(happened)} [{member.Phase} {member.Generation}/{member.Epoch}]");
            OnEvent?.Invoke(happened);
        }

        while (member.TryPollKeys(out KeyChange? change))
            Held!.Post(change);

        while (member.TryPollCodeWork(out CodeWork? work))
        {
            using (work)
                OnCode?.Invoke(work);
        }

        Instant at = member.PollTimeout();
        if (at < Instant.Never && at != _wake)
        {
            _wake = at;
            int run = _run;
            world.At(at - world.Now, () =>
            {
                if (run != _run || _wake != at)
                    return;

                _wake = Instant.Never;
                Member?.HandleTimeout(world.Time);
            });
        }

        return any;
    }

    /// <summary>Works a security code out. None is by default: it takes long on purpose.</summary>
    public Action<CodeWork>? OnCode { get; set; }

    private void Stop()
    {
        Member?.Dispose();
        Member = null;
        Held?.Dispose();
        _run++;
    }

    private static string Describe(MemberEvent happened) => happened switch
    {
        EpochMerged merged => $"epoch {merged.Epoch} +{string.Join(',', merged.Came)} -{string.Join(',', merged.Went)}",
        LobbyChanged lobby => $"{lobby.Waiting.Count} in the lobby",
        _ => $"{happened}",
    };

    // Not System.HashCode, which is another in each process.
    private static int HashCode(int seed, string name, int run)
    {
        int hash = (seed * 31) + run;
        foreach (char letter in name)
            hash = unchecked((hash * 31) + letter);
        return hash;
    }
}
