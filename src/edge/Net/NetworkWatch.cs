using System.Net.NetworkInformation;

namespace RoomAgent.Net;

/// <summary>Says when the own addresses have changed, once for a burst of changes (requirement G12).</summary>
public sealed class NetworkWatch : IDisposable
{
    private static readonly TimeSpan s_settle = TimeSpan.FromMilliseconds(250);

    private readonly Timer _timer;

    /// <summary>Starts to watch.</summary>
    /// <param name="changed">Called on a pool thread, a quarter of a second after the last change of a burst.</param>
    public NetworkWatch(Action changed)
    {
        _timer = new Timer(_ => changed());
        NetworkChange.NetworkAddressChanged += OnChanged;
    }

    /// <summary>Stops.</summary>
    public void Dispose()
    {
        NetworkChange.NetworkAddressChanged -= OnChanged;
        _timer.Dispose();
    }

    private void OnChanged(object? sender, EventArgs e)
    {
        try
        {
            _timer.Change(s_settle, Timeout.InfiniteTimeSpan);
        }
        catch (ObjectDisposedException)
        {
            // The last event came while the watch ended.
        }
    }
}
