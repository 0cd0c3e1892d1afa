using RoomAgent.Agent.Ports;

namespace RoomAgent.Store;

/// <summary>
/// A vault that seals nothing: each thing is a file that only the daemon's user may read. It stands in until keys are sealed to the board; whoever can read the
/// storage of a device can be that device.
/// </summary>
/// <param name="state">Where the files are.</param>
public sealed class PlainVault(StateDirectory state) : IVault
{
    private const string Prefix = "vault-";
    private const int LongestName = 64;
    private const int Largest = 8 * 1024 * 1024;

    /// <inheritdoc/>
    public byte[]? Read(string name)
    {
        string path = PathOf(name);
        try
        {
            using FileStream file = File.OpenRead(path);
            if (file.Length > Largest)
                throw new IOException($"{path} is larger than anything that was kept there.");

            byte[] content = new byte[file.Length];
            file.ReadExactly(content);
            return content;
        }
        catch (FileNotFoundException)
        {
            return null;
        }
        catch (UnauthorizedAccessException refusal)
        {
            throw new IOException(refusal.Message, refusal);
        }
    }

    /// <inheritdoc/>
    public void Write(string name, ReadOnlySpan<byte> content)
    {
        if (content.Length > Largest)
            throw new ArgumentException("It is too large to be kept.", nameof(content));

        DurableFile.Write(PathOf(name), content);
    }

    /// <inheritdoc/>
    public void Remove(string name) => DurableFile.Remove(PathOf(name));

    // Names are ours: anything else is a mistake.
    private string PathOf(string name)
    {
        if (name.Length is 0 or > LongestName || !name.All(letter => char.IsAsciiLetterLower(letter) || char.IsAsciiDigit(letter) || letter == '-'))
            throw new ArgumentException("A name is of small letters, digits and hyphens.", nameof(name));

        return state.File(Prefix + name);
    }
}
