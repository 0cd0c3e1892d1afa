using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace RoomAgent.Hal.Simulated;

/// <summary>A WAV file that is being written: signed 16 bits, 48,000 samples a second. A full disk ends the writing, and nothing else.</summary>
/// <remarks>
/// <code>
/// "RIFF" length "WAVE"
/// "fmt " 16  1 (PCM)  channels  48000  bytes/s  bytes/sample of all channels  16
/// "data" length  samples
/// </code>
/// The lengths are set when the file is closed.
/// </remarks>
internal sealed class WavFile : IDisposable
{
    private const int HeaderLength = 44;
    private const long MostBytes = int.MaxValue;

    private readonly int _channels;
    private FileStream? _file;
    private long _written;

    private WavFile(int channels) => _channels = channels;

    /// <summary>Why nothing more is written; empty when all is well.</summary>
    public string Problem { get; private set; } = "";

    /// <summary>Begins a file; one that is there is written over.</summary>
    /// <param name="path">Where.</param>
    /// <param name="channels">1 or 2.</param>
    /// <returns>A file that has a <see cref="Problem"/> when it cannot be written.</returns>
    public static WavFile Create(string path, int channels)
    {
        var made = new WavFile(channels);
        try
        {
            made._file = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.Read, bufferSize: 1 << 16);
            made._file.Write(made.Header());
        }
        catch (Exception broken) when (broken is IOException or UnauthorizedAccessException)
        {
            made.GiveUp(broken.Message);
        }

        return made;
    }

    /// <summary>Adds samples.</summary>
    public void Write(ReadOnlySpan<short> samples)
    {
        ReadOnlySpan<byte> bytes = MemoryMarshal.AsBytes(samples);
        if (_file is null)
            return;
        if (_written + bytes.Length > MostBytes)
        {
            GiveUp("a WAV file holds no more than 2 GiB");
            return;
        }

        try
        {
            _file.Write(bytes);
            _written += bytes.Length;
        }
        catch (IOException broken)
        {
            GiveUp(broken.Message);
        }
    }

    /// <summary>Sets the lengths and closes the file.</summary>
    public void Dispose() => Close();

    private byte[] Header()
    {
        byte[] header = new byte[HeaderLength];
        "RIFF"u8.CopyTo(header);
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(4), (uint)(HeaderLength - 8 + _written));
        "WAVEfmt "u8.CopyTo(header.AsSpan(8));
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(16), 16);
        BinaryPrimitives.WriteUInt16LittleEndian(header.AsSpan(20), 1);
        BinaryPrimitives.WriteUInt16LittleEndian(header.AsSpan(22), (ushort)_channels);
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(24), IMicrophoneArray.SampleRate);
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(28), (uint)(IMicrophoneArray.SampleRate * _channels * sizeof(short)));
        BinaryPrimitives.WriteUInt16LittleEndian(header.AsSpan(32), (ushort)(_channels * sizeof(short)));
        BinaryPrimitives.WriteUInt16LittleEndian(header.AsSpan(34), 16);
        "data"u8.CopyTo(header.AsSpan(36));
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(40), (uint)_written);
        return header;
    }

    private void GiveUp(string problem)
    {
        Problem = problem;
        Close();
    }

    // What is buffered is written first, which a full disk refuses a second time.
    private void Close()
    {
        if (_file is not { } file)
            return;

        _file = null;
        try
        {
            file.Flush();
            file.Position = 0;
            file.Write(Header());
            file.Dispose();
        }
        catch (IOException broken)
        {
            Problem = broken.Message;
            Abandon(file);
        }
    }

    private static void Abandon(FileStream file)
    {
        try
        {
            file.Dispose();
        }
        catch (IOException)
        {
            // The descriptor is closed all the same; what was buffered is lost, as Problem says.
        }
    }
}
