using System.Globalization;
using RoomAgent.Agent.Room;
using RoomAgent.LocalApi.Doors;
using RoomAgent.XApi;

namespace RoomAgent.LocalApi.Commands;

/// <summary>A command: a row of <see cref="CommandTable"/>.</summary>
/// <param name="Name">What it is called.</param>
/// <param name="Least">Who may.</param>
/// <param name="Arguments">What it takes.</param>
/// <param name="Deed">What it does, with arguments that were checked, for somebody who may.</param>
internal sealed record RoomCommand(string Name, Caller Least, IReadOnlyList<Argument> Arguments, Func<IRoom, Given, Task<RpcReply>> Deed);

/// <summary>Arguments that were checked.</summary>
internal sealed class Given(IReadOnlyDictionary<string, string> values)
{
    /// <summary>Whether it was given.</summary>
    public bool Has(string name) => values.ContainsKey(name);

    /// <summary>As it came.</summary>
    public string Text(string name) => values[name];

    /// <summary>As a number.</summary>
    public int Number(string name) => int.Parse(values[name], CultureInfo.InvariantCulture);

    /// <summary>As a switch.</summary>
    public bool IsOn(string name) => Switch.IsOn(values[name]);

    /// <summary>As bytes.</summary>
    public byte[] Bytes(string name) => Convert.FromHexString(values[name]);
}
