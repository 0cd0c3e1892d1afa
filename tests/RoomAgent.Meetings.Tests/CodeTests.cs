using System.Security.Cryptography;
using RoomAgent.Agent.Meetings;
using RoomAgent.Native.OpenSsl;
using RoomAgent.Wire;
using static RoomAgent.Meetings.Tests.Gathering;
using HashAlgorithm = RoomAgent.Crypto.HashAlgorithm;

namespace RoomAgent.Meetings.Tests;

/// <summary>The security code, version 1, and how it is shown (MEETING section 7; A35, D09).</summary>
public sealed class CodeTests
{
    [Fact]
    public void TheCodeIsTheOneOfTheFormula()
    {
        byte[] authenticator = [.. Enumerable.Range(0, 32).Select(i => (byte)i)];
        ByteString group = ByteString.CopyOf("a group"u8);
        byte[] salt = [.. "E2EE Meeting Security Code v1\0"u8, 0, 2, 0, 0, 0, 0, 0, 0, 0, 9, 0, 0, 0, 7, .. "a group"u8];
        byte[] expected = Rfc2898DeriveBytes.Pbkdf2(authenticator, salt, 100_000, HashAlgorithmName.SHA512, 64);

        SecurityCode code = SecurityCode.Derive(OpenSslCrypto.Instance, Mls.CipherSuiteId.P256Aes128GcmSha256P256, 9, group, authenticator);

        Assert.Equal("v1." + Convert.ToBase64String(expected).TrimEnd('=').Replace('+', '-').Replace('/', '_'), code.Machine);
        string[] groups = code.Full.Split(' ');
        Assert.Equal(SecurityCode.Groups, groups.Length);
        for (int i = 0; i < groups.Length; i++)
        {
            ulong value = expected.Skip(5 * i).Take(5).Aggregate(0ul, (sum, next) => (sum * 256) + next);
            Assert.Equal($"{value % 100_000:D5}", groups[i]);
        }

        Assert.StartsWith(code.Short, code.Full, StringComparison.Ordinal);
        Assert.Equal(6, code.Short.Split(' ').Length);
        Assert.DoesNotContain(code.Short, code.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(HashAlgorithm.Sha1, 1, 20, "0c60c80f961f0e71f3a9b524af6012062fe037a6")]
    [InlineData(HashAlgorithm.Sha1, 2, 20, "ea6c014dc72d6f8ccd1ed92ace1d41f0d8de8957")]
    [InlineData(HashAlgorithm.Sha1, 4096, 20, "4b007901b765489abead49d926f721d065a429c1")]
    public void Pbkdf2IsThatOfRfc6070(HashAlgorithm hash, int iterations, int length, string expected)
    {
        byte[] output = new byte[length];
        OpenSslCrypto.Instance.Pbkdf2(hash, "password"u8, "salt"u8, iterations, output);

        Assert.Equal(expected, Convert.ToHexStringLower(output));
        Assert.Equal(Rfc2898DeriveBytes.Pbkdf2("password"u8, "salt"u8, iterations, HashAlgorithmName.SHA1, length), output);
    }

    [Fact]
    public void Pbkdf2TakesNothingAndRefusesWhatIsAMistake()
    {
        byte[] output = new byte[8];
        OpenSslCrypto.Instance.Pbkdf2(HashAlgorithm.Sha512, [], [], 1, output);
        Assert.Equal(Rfc2898DeriveBytes.Pbkdf2(ReadOnlySpan<byte>.Empty, [], 1, HashAlgorithmName.SHA512, 8), output);

        Assert.Throws<ArgumentOutOfRangeException>(() => OpenSslCrypto.Instance.Pbkdf2(HashAlgorithm.Sha512, [1], [2], 0, new byte[8]));
        Assert.Throws<ArgumentException>(() => OpenSslCrypto.Instance.Pbkdf2(HashAlgorithm.Sha512, [1], [2], 1, []));
    }

    [Fact]
    public void AllMembersShowTheSameCodeOnceTheEpochIsStable()
    {
        World world = Of(strict: false, "room1");
        foreach (SimulatedClient client in world.Clients)
            client.OnCode = work => client.Member!.HandleCode(work, work.Derive(OpenSslCrypto.Instance));
        Assert.Equal(CodeStatus.None, world["host0"].Member!.ShowCode(world.Now).Status);

        world.Run(Seconds(2));
        ShownCode host = world["host0"].Member!.ShowCode(world.Now);
        ShownCode room = world["room1"].Member!.ShowCode(world.Now);

        Assert.Equal(CodeStatus.Current, host.Status);
        Assert.Equal(2, host.Members);
        Assert.True(host.Code!.Matches(room.Code!));
        Assert.Equal(world["host0"].Member!.Epoch, host.Code.Epoch);
        Assert.True(world["host0"].Member!.IsConfirmed(world["room1"].Member!.Leaf!.Value));
    }

    [Fact]
    public void ACodeThatIsBeingReadOutStaysAndOneThatIsOverIsMarked()
    {
        World world = Of(strict: false, "room1");
        SimulatedClient host = world["host0"];
        host.OnCode = work => host.Member!.HandleCode(work, work.Derive(OpenSslCrypto.Instance));
        world.Run(Seconds(2));
        SecurityCode first = host.Member!.ShowCode(world.Now).Code!;
        Assert.True(host.Member.FreezeCode(world.Now));
        host.OnCode = null; // the next one is not worked out in time
        NewEpoch(world);

        Assert.Equal((CodeStatus.Frozen, first.Epoch), (host.Member.ShowCode(world.Now).Status, host.Member.ShowCode(world.Now).Code!.Epoch));
        world.Run(Seconds(61));
        ShownCode later = host.Member.ShowCode(world.Now);
        Assert.Equal((CodeStatus.Changing, first.Epoch), (later.Status, later.Code!.Epoch));
        Assert.False(host.Member.FreezeCode(world.Now));
        Assert.Same(first, host.Member.FindCode(first.Epoch));
    }

    [Fact]
    public void AGroupIdBelongsToOneMeetingOccurrenceAndGeneration()
    {
        GroupName name = Samples.Policy.Name;
        ByteString id = name.ComputeGroupId(OpenSslCrypto.Instance);
        byte[] expected = SHA256.HashData([17, .. "RoomAgent group 1"u8, 6, .. "weekly"u8, .. name.Instance.Span, 0, 0, 0, 0]);

        Assert.Equal(Convert.ToHexStringLower(expected), id.ToString());
        Assert.NotEqual(id, (name with { Generation = 1 }).ComputeGroupId(OpenSslCrypto.Instance));
        Assert.NotEqual(id, (name with { MeetingId = ByteString.CopyOf("daily"u8) }).ComputeGroupId(OpenSslCrypto.Instance));
    }
}
