#pragma warning disable
using RoomAgent.Agent.Ports;
namespace RoomAgent.Store;
public sealed class PlainVault(StateDirectory state) : IVault
{
    public byte[]? Read(string n) => System.IO.File.Exists(state.File("v-" + n)) ? System.IO.File.ReadAllBytes(state.File("v-" + n)) : null;
    public void Write(string n, ReadOnlySpan<byte> c) => System.IO.File.WriteAllBytes(state.File("v-" + n), c.ToArray());
    public void Remove(string n) => System.IO.File.Delete(state.File("v-" + n));
}
