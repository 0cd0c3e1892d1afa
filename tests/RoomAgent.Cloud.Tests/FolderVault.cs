using RoomAgent.Agent.Ports;

namespace RoomAgent.Cloud.Tests;

/// <summary>A vault of files, for those who want to see that nothing but bytes is kept.</summary>
internal sealed class FolderVault(string folder) : IVault
{
    public byte[]? Read(string name) => File.Exists(PathOf(name)) ? File.ReadAllBytes(PathOf(name)) : null;

    public void Write(string name, ReadOnlySpan<byte> content)
    {
        string beside = PathOf(name) + ".new";
        using (var file = new FileStream(beside, new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite }))
        {
            file.Write(content);
            file.Flush(flushToDisk: true);
        }

        File.Move(beside, PathOf(name), overwrite: true);
    }

    public void Remove(string name) => File.Delete(PathOf(name));

    private string PathOf(string name) => Path.Combine(folder, name);
}
