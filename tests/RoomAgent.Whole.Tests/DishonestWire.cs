using System.Collections.Concurrent;
using System.Threading.Channels;
using RoomAgent.Agent.Ports;
using RoomAgent.Meetings;
using RoomAgent.Wire;

namespace RoomAgent.Whole.Tests;

/// <summary>
/// What passes between one room and the desk of its meeting, in the hands of a hub that is not honest: it changes, keeps back, repeats and invents. It holds no key
/// and needs none: all that it can do is done to the bytes that a hub has.
/// </summary>
internal sealed class DishonestWire
{
    private volatile ChannelWriter<SignallingEvent>? _room;

    /// <summary>What becomes of something that the desk says; none is nothing.</summary>
    public Func<ServiceMessage, IEnumerable<ServiceMessage>> Down { get; set; } = message => [message];

    /// <summary>What becomes of something that the room says; <see langword="null"/> never arrives.</summary>
    public Func<ClientMessage, ClientMessage?> Up { get; set; } = message => message;

    /// <summary>All that the desk has said, whatever became of it.</summary>
    public ConcurrentQueue<ServiceMessage> Heard { get; } = new();

    /// <summary>All that the room has said, whatever became of it.</summary>
    public ConcurrentQueue<ClientMessage> Said { get; } = new();

    /// <summary>The offers of media, with the keys of the room's hop.</summary>
    public ConcurrentQueue<byte[]> Offers { get; } = new();

    /// <summary>Says something to the room that no desk has said.</summary>
    public void Say(ServiceMessage message) => Assert.True(_room!.TryWrite(new Heard(message.Encode())));

    /// <summary>What a room that has just been connected is reached by.</summary>
    public void Connect(ChannelWriter<SignallingEvent> room) => _room = room;
}

/// <summary>The connection of a room to a hub that is not honest.</summary>
internal sealed class DishonestSignalling : ISignalling
{
    private readonly ISignalling _hub;
    private readonly DishonestWire _wire;
    private readonly Channel<SignallingEvent> _events = Channel.CreateUnbounded<SignallingEvent>();

    /// <summary>Stands before a connection to the real hub.</summary>
    public DishonestSignalling(ISignalling hub, DishonestWire wire)
    {
        (_hub, _wire) = (hub, wire);
        wire.Connect(_events.Writer);
        _ = PassAsync();
    }

    public ChannelReader<SignallingEvent> Events => _events.Reader;

    public SignallingState State => _hub.State;

    public event Action<SignallingState>? Changed
    {
        add => _hub.Changed += value;
        remove => _hub.Changed -= value;
    }

    public void Start() => _hub.Start();

    public void Enter(ByteString meetingId, ByteString instance) => _hub.Enter(meetingId, instance);

    public void Exit() => _hub.Exit();

    public Task SayAsync(ClientMessage message, CancellationToken cancel = default)
    {
        _wire.Said.Enqueue(message);
        return _wire.Up(message) is { } passed ? _hub.SayAsync(passed, cancel) : Task.CompletedTask;
    }

    public Task<MediaAnswer> OfferAsync(ReadOnlyMemory<byte> offer, CancellationToken cancel = default)
    {
        _wire.Offers.Enqueue(offer.ToArray());
        return _hub.OfferAsync(offer, cancel);
    }

    public ValueTask DisposeAsync() => _hub.DisposeAsync();

    private async Task PassAsync()
    {
        await foreach (SignallingEvent happened in _hub.Events.ReadAllAsync())
        {
            if (happened is not Heard heard)
            {
                _events.Writer.TryWrite(happened);
                continue;
            }

            ServiceMessage message = ServiceMessage.Decode(heard.Message)!;
            _wire.Heard.Enqueue(message);
            foreach (ServiceMessage said in _wire.Down(message))
                _events.Writer.TryWrite(new Heard(said.Encode()));
        }

        _events.Writer.TryComplete();
    }
}
