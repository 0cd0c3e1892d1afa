using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace RoomAgent.Store;

/// <summary>
/// The calls of the C library that .NET does not offer: a lock that others may look past, and directories as files.
/// The numbers are those of Linux and the same on every architecture we run on.
/// </summary>
internal static partial class Libc
{
    public const int ReadOnly = 0;
    public const int ReadWrite = 0x2;
    public const int Create = 0x40;
    public const int CloseOnExec = 0x80000;

    public const int LockExclusive = 2;
    public const int LockNonBlocking = 4;

    /// <summary>errno: the lock is held by someone else.</summary>
    public const int WouldBlock = 11;

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial SafeFileHandle Open(string path, int flags, uint mode);

    [LibraryImport("libc", EntryPoint = "flock", SetLastError = true)]
    public static partial int Flock(SafeFileHandle file, int operation);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    public static partial int Fsync(SafeFileHandle file);

    /// <summary>The error of the last call, naming the file it was about.</summary>
    public static IOException LastError(string path) =>
        new($"{path}: {Marshal.GetLastPInvokeErrorMessage()}");
}
