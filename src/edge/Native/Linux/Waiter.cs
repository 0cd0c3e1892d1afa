using System.ComponentModel;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace RoomAgent.Native.Linux;

/// <summary>What a loop sleeps on: its sockets, and a bell that any thread may ring.</summary>
public sealed unsafe class Waiter : IDisposable
{
    private readonly Libc.pollfd[] _watched;
    private readonly SafeFileHandle _bell;
    private int _rung;

    /// <summary>Watches <paramref name="sockets"/>, which outlive it.</summary>
    /// <exception cref="Win32Exception">The kernel has no descriptor left.</exception>
    public Waiter(IReadOnlyList<UdpBatchSocket> sockets)
    {
        int bell = Libc.eventfd(0, Libc.EFD_NONBLOCK | Libc.EFD_CLOEXEC);
        if (bell < 0)
            throw new Win32Exception(Marshal.GetLastPInvokeError());

        _bell = new SafeFileHandle(bell, ownsHandle: true);
        _watched = [.. sockets.Select(socket => socket.Descriptor).Append(bell).Select(fd => new Libc.pollfd { fd = fd, events = Libc.POLLIN })];
    }

    /// <summary>Sleeps until a datagram arrives, the bell rings, or the time is over.</summary>
    /// <param name="longest">Rounded up to milliseconds; negative waits without end.</param>
    public void Wait(TimeSpan longest)
    {
        int milliseconds = longest < TimeSpan.Zero ? -1 : (int)Math.Min(Math.Ceiling(longest.TotalMilliseconds), int.MaxValue);
        fixed (Libc.pollfd* fds = _watched)
            _ = Libc.poll(fds, (nuint)_watched.Length, milliseconds); // whatever ended it, the loop looks at everything

        // Only what was heard is silenced: whoever has said that it rings, and is about to, wakes the next sleep.
        if (_watched[^1].revents == 0)
            return;

        // Silence the bell before forgetting that it rang: whoever rings in between has left its work already, and the caller looks for it after this.
        ulong count;
        _ = Libc.read(_watched[^1].fd, &count, sizeof(ulong));
        Interlocked.Exchange(ref _rung, 0);
    }

    /// <summary>Whether the last <see cref="Wait"/> found something on socket <paramref name="index"/>.</summary>
    public bool IsReadable(int index) => _watched[index].revents != 0;

    /// <summary>Ends the sleep, now or the next time. Any thread, even after the end; a bell that rings already costs no system call.</summary>
    public void Ring()
    {
        if (Interlocked.Exchange(ref _rung, 1) != 0)
            return;

        // Held, since a number that was closed may name another file by now.
        bool isHeld = false;
        try
        {
            _bell.DangerousAddRef(ref isHeld);
            ulong one = 1;
            _ = Libc.write((int)_bell.DangerousGetHandle(), &one, sizeof(ulong));
        }
        catch (ObjectDisposedException)
        {
            // Nobody sleeps any more.
        }
        finally
        {
            if (isHeld)
                _bell.DangerousRelease();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _bell.Dispose();
}
