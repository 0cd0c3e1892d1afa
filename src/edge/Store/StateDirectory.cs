using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace RoomAgent.Store;

/// <summary>
/// The directory that outlives a restart, owned by one process at a time: two daemons that wrote into it by turns would
/// each undo what the other believes. Dispose it to let go; a crash lets go too.
/// </summary>
public sealed class StateDirectory : IDisposable
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private const UnixFileMode OthersWrite = UnixFileMode.GroupWrite | UnixFileMode.OtherWrite;

    private readonly SafeFileHandle _lockFile;

    private StateDirectory(string path, SafeFileHandle lockFile)
    {
        Path = path;
        _lockFile = lockFile;
    }

    /// <summary>The full name of the directory.</summary>
    public string Path { get; }

    /// <summary>Takes the directory for this process; creates it, for its user only, where it is missing.</summary>
    /// <exception cref="IOException">It cannot be used, others may write there, or another process has it; the message names which.</exception>
    public static StateDirectory Open(string path)
    {
        try
        {
            Directory.CreateDirectory(path, OwnerOnly);

            // Whoever can write there can lay links under the names that we write, and have us overwrite what they point to.
            if ((System.IO.File.GetUnixFileMode(path) & OthersWrite) != 0)
                throw new IOException($"{path}: other users may write there; it has to be ours alone (chmod go-w)");
        }
        catch (UnauthorizedAccessException refusal)
        {
            throw new IOException(refusal.Message, refusal);
        }

        return new StateDirectory(path, Lock(System.IO.Path.Combine(path, "lock")));
    }

    /// <summary>The name of a file in this directory.</summary>
    public string File(string name) => System.IO.Path.Combine(Path, name);

    /// <inheritdoc/>
    public void Dispose() => _lockFile.Dispose();

    private static SafeFileHandle Lock(string path)
    {
        // Not a FileStream: with one of those the loser could not even read whose lock it is.
        SafeFileHandle file = Libc.Open(path, Libc.ReadWrite | Libc.Create | Libc.CloseOnExec, mode: 0b110_000_000);
        if (file.IsInvalid)
            throw Libc.LastError(path);

        if (Libc.Flock(file, Libc.LockExclusive | Libc.LockNonBlocking) == 0)
        {
            WriteOwner(file);
            return file;
        }

        using (file)
        {
            if (Marshal.GetLastPInvokeError() != Libc.WouldBlock)
                throw Libc.LastError(path);
            throw new IOException($"{path}: {ReadOwner(file)} has this directory");
        }
    }

    private static void WriteOwner(SafeFileHandle file)
    {
        byte[] owner = Encoding.ASCII.GetBytes(Environment.ProcessId.ToString(CultureInfo.InvariantCulture) + "\n");
        RandomAccess.SetLength(file, 0);
        RandomAccess.Write(file, owner, fileOffset: 0);
    }

    private static string ReadOwner(SafeFileHandle file)
    {
        Span<byte> owner = stackalloc byte[16];
        int length = RandomAccess.Read(file, owner, fileOffset: 0);
        bool known = int.TryParse(owner[..length].TrimEnd((byte)'\n'), NumberStyles.None, CultureInfo.InvariantCulture, out int pid);
        return known ? $"process {pid}" : "another process";
    }
}
