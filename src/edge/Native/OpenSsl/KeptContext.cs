using RoomAgent.Native.OpenSsl.Interop;

namespace RoomAgent.Native.OpenSsl;

/// <summary>A keyed native context that is kept between messages and has one caller at a time.</summary>
/// <remarks>
/// Whoever works takes the context out and puts it back. So it can neither be freed nor used by a second caller meanwhile,
/// at the price of two exchanges, where counting references on the handle would cost two and prevent only the first.
/// </remarks>
internal sealed class KeptContext<THandle>(THandle context) : IDisposable
    where THandle : OpenSslHandle
{
    private THandle? _context = context;
    private volatile bool _disposed;

    public THandle Take() =>
        Interlocked.Exchange(ref _context, null) ?? throw new InvalidOperationException("The key is disposed of, or in use by another caller.");

    public void PutBack(THandle context)
    {
        // Whoever disposed of the key meanwhile found nothing to free.
        Interlocked.Exchange(ref _context, context);
        if (_disposed)
            Interlocked.Exchange(ref _context, null)?.Dispose();
    }

    public void Dispose()
    {
        _disposed = true;
        Interlocked.Exchange(ref _context, null)?.Dispose();
    }
}
