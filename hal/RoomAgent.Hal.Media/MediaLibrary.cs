using System.Runtime.InteropServices;
using RoomAgent.Hal.Media.Interop;
using static RoomAgent.Hal.Media.Interop.RoomagentMedia;

namespace RoomAgent.Hal.Media;

/// <summary>How much a line of the libraries matters.</summary>
public enum MediaLogLevel
{
    /// <summary>Something did not work.</summary>
    Error,

    /// <summary>Something may not work.</summary>
    Warning,

    /// <summary>What they do.</summary>
    Information,
}

/// <summary>The shim <c>libroomagent-media</c> and the libraries of the distribution behind it: whether they are there, which they are, and what they say.</summary>
public static unsafe class MediaLibrary
{
    private static readonly Lazy<string> s_versions = new(Load);
    private static readonly Lock s_turn = new();
    private static Action<MediaLogLevel, string>? s_log;
    private static MediaLogLevel s_most;
    private static Action<string>? s_opened;
    private static bool s_isLoaded;

    /// <summary>FFmpeg's and libopus's versions, in a line. Looked up once.</summary>
    /// <exception cref="DllNotFoundException">The shim or a library behind it is missing, or is not the one that this program was built with; the message says what to do.</exception>
    public static string Versions => s_versions.Value;

    /// <summary>Opens the library for a program: looks for all that is needed, and says where the libraries' lines go from now on. To be called once, before any device is made.</summary>
    /// <param name="log">Takes a line; see <see cref="LogTo"/>.</param>
    /// <param name="most">What matters less is dropped.</param>
    /// <returns><see cref="Versions"/>, for the journal.</returns>
    /// <exception cref="DllNotFoundException">As for <see cref="Versions"/>.</exception>
    public static string Open(Action<MediaLogLevel, string> log, MediaLogLevel most = MediaLogLevel.Error)
    {
        LogTo(log, most);
        return Versions;
    }

    /// <summary>
    /// Opens the library when a device first needs it, since FFmpeg and all that is behind it hold some 40 MB, which a room that waits for a meeting can do without.
    /// To be called once, before any device is made; <see cref="Versions"/> tells a program of its own whether that will go well.
    /// </summary>
    /// <param name="log">Takes a line; see <see cref="LogTo"/>.</param>
    /// <param name="opened">Is told <see cref="Versions"/>, on the thread of that device.</param>
    /// <param name="most">What matters less is dropped.</param>
    public static void OpenWhenNeeded(Action<MediaLogLevel, string> log, Action<string> opened, MediaLogLevel most = MediaLogLevel.Error)
    {
        Volatile.Write(ref s_opened, opened);
        LogTo(log, most);
    }

    /// <summary>
    /// Says where the libraries' lines go, once they are open. They come on any thread, at most some tens a second, in one line of at most 500 bytes; what strangers sent may
    /// have caused them. Without this they are dropped.
    /// </summary>
    /// <param name="log">Takes a line; what it throws is lost. <see langword="null"/>: they are dropped.</param>
    /// <param name="most">What matters less is dropped.</param>
    internal static void LogTo(Action<MediaLogLevel, string>? log, MediaLogLevel most = MediaLogLevel.Error)
    {
        lock (s_turn)
        {
            Volatile.Write(ref s_log, log);
            s_most = most;
            if (s_isLoaded)
                ra_log_to(log is null ? null : &TakeLine, (int)most);
        }
    }

    /// <summary>Loads the shim unless that is done.</summary>
    internal static void Require() => _ = s_versions.Value;

    /// <summary>What the calling thread's last call of the shim had to say.</summary>
    internal static string Problem => Marshal.PtrToStringUTF8((nint)ra_problem()) ?? "";

    /// <summary>What a result is to who asked a device. A pool that is dry gives nothing.</summary>
    internal static DeviceOutcome Outcome(ra_result result) => result == ra_result.RA_EXHAUSTED ? DeviceOutcome.Nothing : (DeviceOutcome)result;

    /// <summary>Throws when there was no memory for an object.</summary>
    internal static T Check<T>(T handle)
        where T : MediaHandle =>
        handle.IsInvalid ? throw new InsufficientMemoryException() : handle;

    /// <summary>Refuses a shim of another time than this program.</summary>
    internal static void CheckVersion(uint found)
    {
        if (found != RA_VERSION)
            throw new DllNotFoundException($"{RoomagentMedia.Library}.so has version {found} of its interface, but this program was built for version {RA_VERSION}: install both from the same package, or build both anew.");
    }

    private static string Load()
    {
        uint version;
        try
        {
            version = ra_version();
        }
        catch (Exception e) when (e is DllNotFoundException or EntryPointNotFoundException or BadImageFormatException)
        {
            throw new DllNotFoundException(
                $"{RoomagentMedia.Library}.so cannot be loaded: it lies beside the program and needs FFmpeg, libopus and libasound of the Debian that it was built on. Install the package again, or build anew on this machine. {e.Message}", e);
        }

        CheckVersion(version);
        lock (s_turn)
        {
            s_isLoaded = true;
            if (s_log is not null)
                ra_log_to(&TakeLine, (int)s_most);
        }

        string versions = Marshal.PtrToStringUTF8((nint)ra_libraries()) ?? "";
        Volatile.Read(ref s_opened)?.Invoke(versions);
        return versions;
    }

    [UnmanagedCallersOnly]
    private static void TakeLine(int level, byte* text)
    {
        try
        {
            Volatile.Read(ref s_log)?.Invoke((MediaLogLevel)level, Marshal.PtrToStringUTF8((nint)text) ?? "");
        }
#pragma warning disable CA1031 // an exception that goes through the libraries ends the process, and a line is not worth that
        catch (Exception)
#pragma warning restore CA1031
        {
        }
    }
}
