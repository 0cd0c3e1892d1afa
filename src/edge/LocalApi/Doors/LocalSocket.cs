using System.Net.Sockets;

namespace RoomAgent.LocalApi.Doors;

/// <summary>A socket in the file system that its owner alone may open.</summary>
internal static class LocalSocket
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Makes it, in place of one that a process which is gone has left.</summary>
    /// <exception cref="IOException">Somebody listens there, or the place cannot be used.</exception>
    public static Socket Bind(string path)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            var end = new UnixDomainSocketEndPoint(path);
            RemoveStale(path, end);
            socket.Bind(end);

            // It does not listen yet: until others may not open it, nobody gets in.
            File.SetUnixFileMode(path, OwnerOnly);
            return socket;
        }
        catch (Exception refusal) when (refusal is SocketException or ArgumentException or UnauthorizedAccessException)
        {
            socket.Dispose();
            throw new IOException($"{path}: {refusal.Message}", refusal);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Takes it away.</summary>
    public static void Remove(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            // The next one finds that nobody listens there, and removes it.
        }
    }

    private static void RemoveStale(string path, UnixDomainSocketEndPoint end)
    {
        if (!File.Exists(path))
            return;

        using var question = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            question.Connect(end);
        }
        catch (SocketException nobody) when (nobody.SocketErrorCode == SocketError.ConnectionRefused)
        {
            File.Delete(path);
            return;
        }

        throw new IOException($"{path}: another process listens there");
    }
}
