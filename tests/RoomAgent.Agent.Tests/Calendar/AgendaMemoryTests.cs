using RoomAgent.Agent.Calendar;
using RoomAgent.Testing;
using RoomAgent.Wire;

namespace RoomAgent.Agent.Tests.Calendar;

public sealed class AgendaMemoryTests
{
    private static readonly DateTimeOffset s_ten = new DateTimeOffset(2026, 3, 2, 10, 0, 0, TimeSpan.Zero).AddTicks(7);

    private readonly MemoryVault _vault = new();

    [Fact]
    public void WhatPeopleDecidedIsThereAfterARestart()
    {
        var memory = new AgendaMemory(_vault);
        Assert.Null(memory.Read());

        memory.Write(Notes(40));
        AgendaNotes kept = new AgendaMemory(_vault).Read()!;
        Assert.Equal(Notes(40).Stopped, kept.Stopped);
        Assert.Equal(s_ten, kept.DoNotDisturbUntil);

        memory.Write(Notes(0) with { DoNotDisturbUntil = null });
        Assert.Null(memory.Read()!.DoNotDisturbUntil);
        Assert.Empty(memory.Read()!.Stopped);

        memory.Forget();
        Assert.Null(memory.Read());
    }

    // Where one entry ends and the next begins, the beginning is whole too.
    [Fact]
    public void APartIsNothingUnlessItIsWhole()
    {
        new AgendaMemory(_vault).Write(Notes(1));
        byte[] whole = _vault["agenda"]!;

        Assert.Equal([sizeof(ulong)], Truncation.AcceptedLengths(whole, IsRead));
        Assert.False(IsRead([.. whole.AsSpan(0, whole.Length - sizeof(ulong)), 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]));
    }

    private bool IsRead(ReadOnlySpan<byte> kept)
    {
        _vault["agenda"] = kept.ToArray();
        return new AgendaMemory(_vault).Read() is not null;
    }

    private static AgendaNotes Notes(int stopped) => new(
        Enumerable.Range(0, stopped).ToDictionary(
            i => new OccurrenceName(ByteString.Owning(new byte[i == 0 ? 255 : 16].Select(_ => (byte)i).ToArray()), ByteString.Owning(new byte[16])),
            i => s_ten.AddMinutes(i)),
        s_ten);
}
