using Microsoft.Win32.SafeHandles;

namespace RoomAgent.Store;

/// <summary>A small file that survives a power cut: afterwards it has either what was written last or what was there before.</summary>
public static class DurableFile
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Replaces the content of <paramref name="path"/>. It is on the storage when this returns.</summary>
    /// <exception cref="IOException">The storage is full or broken; the old content is still there.</exception>
    public static void Write(string path, ReadOnlySpan<byte> content)
    {
        // 1. The new content beside the old, all the way to the storage.
        string beside = path + ".new";
        var options = new FileStreamOptions
        {
            Mode = FileMode.Create,
            Access = FileAccess.Write,
            UnixCreateMode = OwnerOnly,
            BufferSize = 0,
        };
        using (var file = new FileStream(beside, options))
        {
            // Also for what a power cut left here, or somebody else put here: the mode above is for a new file only.
            File.SetUnixFileMode(file.SafeFileHandle, OwnerOnly);
            file.Write(content);
            file.Flush(flushToDisk: true);
        }

        // 2. It takes the name of the old, in one step.
        File.Move(beside, path, overwrite: true);

        // 3. The name, too, to the storage.
        Flush(Path.GetDirectoryName(path)!);
    }

    /// <summary>Removes <paramref name="path"/>, if there is such a file. It is gone from the storage when this returns.</summary>
    /// <exception cref="IOException">The storage is broken.</exception>
    public static void Remove(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (UnauthorizedAccessException refusal)
        {
            throw new IOException(refusal.Message, refusal);
        }

        Flush(Path.GetDirectoryName(path)!);
    }

    private static void Flush(string directory)
    {
        using SafeFileHandle handle = Libc.Open(directory, Libc.ReadOnly | Libc.CloseOnExec, mode: 0);
        if (handle.IsInvalid || Libc.Fsync(handle) != 0)
            throw Libc.LastError(directory);
    }

    /// <summary>
    /// Reads at most <paramref name="room"/>'s length of <paramref name="path"/> into it and gives the part that was
    /// filled; nothing when there is no such file, it cannot be read or is longer.
    /// </summary>
    public static ReadOnlySpan<byte> Read(string path, Span<byte> room)
    {
        try
        {
            using SafeFileHandle file = File.OpenHandle(path);
            if (RandomAccess.GetLength(file) > room.Length)
                return default;
            return room[..RandomAccess.Read(file, room, fileOffset: 0)];
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            return default;
        }
    }
}
