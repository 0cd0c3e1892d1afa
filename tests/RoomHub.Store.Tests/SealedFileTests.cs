using RoomAgent.Crypto;
using RoomAgent.Native.OpenSsl;
using RoomAgent.Testing;

namespace RoomAgent.Hub.Store.Tests;

/// <summary>Nobody without the key reads, alters or shortens a backup unnoticed.</summary>
public sealed class SealedFileTests
{
    private static readonly Secret s_key = Secret.CopyOf([.. Enumerable.Range(0, 32).Select(i => (byte)i)]);

    public static TheoryData<int> Lengths => [0, 1, SealedFile.ChunkLength - 1, SealedFile.ChunkLength, SealedFile.ChunkLength + 1, 3 * SealedFile.ChunkLength];

    [Theory]
    [MemberData(nameof(Lengths))]
    public void WhatWasWrittenIsRead(int length)
    {
        byte[] content = Content(length);

        byte[] file = Seal(content);

        Assert.True(IsAuthentic(file));
        using SealedReader reader = SealedReader.Start(new MemoryStream(file), s_key, OpenSslCrypto.Instance)!;
        Assert.Equal(content, content.Select(_ => reader.ReadByte()));
        Assert.Throws<InvalidDataException>(() => reader.ReadByte());
    }

    [Theory]
    [MemberData(nameof(Lengths))]
    public void AFileThatWasCutOffIsRefused(int length)
    {
        byte[] file = Seal(Content(length));
        int[] cuts = [0, 1, SealedFile.HeaderLength - 1, SealedFile.HeaderLength, SealedFile.HeaderLength + 15, SealedFile.HeaderLength + SealedFile.ChunkLength + 16, file.Length - 17, file.Length - 1];

        // Also exactly between two chunks.
        Assert.All(cuts.Where(cut => cut >= 0 && cut < file.Length), cut => Assert.False(IsAuthentic(file[..cut])));
    }

    [Fact]
    public void AnyChangedBitIsRefused()
    {
        byte[] file = Seal(Content(100));

        for (int bit = 0; bit < file.Length * 8; bit++)
        {
            file[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.False(IsAuthentic(file));
            file[bit / 8] ^= (byte)(1 << (bit % 8));
        }

        Assert.True(IsAuthentic(file));
    }

    [Fact]
    public void BytesBehindTheEndAreRefused() => Assert.All(Lengths, length => Assert.False(IsAuthentic([.. Seal(Content(length.Data)), 0])));

    [Fact]
    public void ChunksThatChangedPlacesOrFilesAreRefused()
    {
        const int Whole = SealedFile.ChunkLength + 16;
        byte[] file = Seal(Content(3 * SealedFile.ChunkLength));
        byte[] other = Seal(Content(3 * SealedFile.ChunkLength), seed: 2);
        byte[] header = file[..SealedFile.HeaderLength], first = file[SealedFile.HeaderLength..][..Whole], second = file[SealedFile.HeaderLength..][Whole..(2 * Whole)], third = file[SealedFile.HeaderLength..][(2 * Whole)..];

        Assert.True(IsAuthentic([.. header, .. first, .. second, .. third]));
        Assert.False(IsAuthentic([.. header, .. second, .. first, .. third]));
        Assert.False(IsAuthentic([.. header, .. first, .. third]));
        Assert.False(IsAuthentic([.. header, .. first, .. second, .. second, .. third]));
        Assert.False(IsAuthentic([.. header, .. other[SealedFile.HeaderLength..]]));
    }

    [Fact]
    public void AnotherKeyOpensNothing()
    {
        using Secret other = Secret.CopyOf(new byte[32]);

        using SealedReader reader = SealedReader.Start(new MemoryStream(Seal(Content(10))), other, OpenSslCrypto.Instance)!;

        Assert.False(reader.IsAuthentic());
    }

    [Fact]
    public void AKeyOfAnotherLengthIsAMistake()
    {
        using Secret shorter = Secret.CopyOf(new byte[31]);

        Assert.Throws<ArgumentException>(() => SealedReader.Start(new MemoryStream(Seal(Content(10))), shorter, OpenSslCrypto.Instance));
    }

    [Fact]
    public async Task ARestoreSaysWhatIsWrongWithTheFileAndWritesNothing()
    {
        using var file = new SqliteFile();
        await using Database database = file.Open();
        byte[] cut = Seal(Content(100_000))[..^1];

        Assert.Equal(RestoreOutcome.NotABackup, (await HubBackup.RestoreAsync(database, new MemoryStream("PK, and more that is none of ours"u8.ToArray()), s_key, OpenSslCrypto.Instance, default)).Outcome);
        Assert.Equal(RestoreOutcome.NotAuthentic, (await HubBackup.RestoreAsync(database, new MemoryStream(cut), s_key, OpenSslCrypto.Instance, default)).Outcome);
        Assert.False(File.Exists(file.FilePath));
    }

    [Fact]
    public async Task ABackupOfANewerProgramIsRefused()
    {
        using var file = new SqliteFile();
        await using Database database = file.Open();
        byte[] newer = Seal([(byte)'S', 0, 0, 0, 0, 0, 0, 0x27, 0x0F, (byte)'E']);

        RestoreResult result = await HubBackup.RestoreAsync(database, new MemoryStream(newer), s_key, OpenSslCrypto.Instance, default);

        Assert.Equal(RestoreOutcome.Newer, result.Outcome);
        await database.MigrateAsync(DateTimeOffset.UnixEpoch);
    }

    private static byte[] Content(int length) => [.. Enumerable.Range(0, length).Select(i => (byte)(i * 7))];

    private static byte[] Seal(byte[] content, int seed = 1)
    {
        var output = new MemoryStream();
        using var writer = new SealedWriter(output, s_key, OpenSslCrypto.Instance, new SeededRandom(seed));
        writer.Write(content);
        writer.Finish();
        return output.ToArray();
    }

    private static bool IsAuthentic(byte[] file)
    {
        using SealedReader? reader = SealedReader.Start(new MemoryStream(file), s_key, OpenSslCrypto.Instance);
        return reader is not null && reader.IsAuthentic();
    }
}
