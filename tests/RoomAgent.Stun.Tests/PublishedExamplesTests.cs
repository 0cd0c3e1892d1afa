using System.Security.Cryptography;
using System.Text;
using RoomAgent.Native.OpenSsl;

namespace RoomAgent.Stun.Tests;

/// <summary>The examples of RFC 5769 section 2 and RFC 8489 appendix B.1, byte for byte.</summary>
public sealed class PublishedExamplesTests
{
    // Section 2.1: a request of ICE, padded with spaces.
    internal const string Request =
        "000100582112a442b7e7a701bc34d686fa87dfae802200105354554e207465737420636c69656e74002400046e0001ff80290008932ff9b151263b36" +
        "000600096576746a3a68367659202020000800149aeaa70cbfd8cb56781ef2b5b2d3f249c1b571a280280004e57a3bcf";

    // Section 2.2.
    internal const string ResponseIPv4 =
        "0101003c2112a442b7e7a701bc34d686fa87dfae8022000b7465737420766563746f7220002000080001a147e112a643" +
        "000800142b91f599fd9e90c38c7489f92af9ba53f06be7d780280004c07d4c96";

    // Section 2.3.
    internal const string ResponseIPv6 =
        "010100482112a442b7e7a701bc34d686fa87dfae8022000b7465737420766563746f7220002000140002a1470113a9faa5d3f179bc25f4b5bed2b9d9" +
        "00080014a382954e4be67bf11784c97c8292c275bfe3ed4180280004c8fb0b4c";

    // RFC 8489 appendix B.1: long-term credentials with SHA-256.
    internal const string RequestSha256 =
        "000100902112a44278ad3433c6ad72c029da412e001e00204a3cf38fef6992bda952c6780417da0f24819415569e60b205c46e41407f1704" +
        "001500296f624d61744a6f733241414143662f2f3439396b39353464364f4c33346f4c394653547679363473410000000014000b6578616d706c652e6f726700" +
        "001d000400020000001c0020b5c7bf005b6c52a21c51c5e892f81924136296cb927c43149309278cc6518e65";

    internal static readonly StunTransactionId Id = StunTransactionId.Read(Convert.FromHexString("b7e7a701bc34d686fa87dfae"));

    internal static StunCredential NewCredential() => new(OpenSslCrypto.Instance, "evtj:h6vY"u8, "VOkJxbRl1RmTxUk/WvJxBt"u8);

    [Fact]
    public void TheRequestReadsAsPrinted()
    {
        using StunCredential credential = NewCredential();

        Assert.True(StunMessage.TryRead(Convert.FromHexString(Request), out StunMessage message));

        Assert.Equal(StunClass.Request, message.Class);
        Assert.Equal(StunMethod.Binding, message.Method);
        Assert.Equal(Id, message.TransactionId);
        Assert.True(message.TryFind(StunAttributeType.Software, out ReadOnlySpan<byte> software));
        Assert.Equal("STUN test client"u8, software);
        Assert.True(message.TryFind(StunAttributeType.Username, out ReadOnlySpan<byte> username));
        Assert.Equal("evtj:h6vY"u8, username);
        Assert.True(message.FingerprintMatches);
        Assert.Equal(StunIntegrity.Sha1, message.Integrity);
        Assert.True(message.Verify(credential));
    }

    [Theory]
    [InlineData(ResponseIPv4, "c0000201")]
    [InlineData(ResponseIPv6, "20010db8123456780011223344556677")]
    public void TheResponsesReadAsPrinted(string response, string address)
    {
        using StunCredential credential = NewCredential();

        Assert.True(StunMessage.TryRead(Convert.FromHexString(response), out StunMessage message));

        Assert.Equal(StunClass.SuccessResponse, message.Class);
        Assert.True(message.TryReadMappedAddress(out StunAddress mapped));
        Assert.Equal(new StunAddress(Convert.FromHexString(address), 32853), mapped);
        Assert.True(message.FingerprintMatches);
        Assert.True(message.Verify(credential));
    }

    [Fact]
    public void TheRequestWithSha256Verifies()
    {
        byte[] key = SHA256.HashData(Encoding.UTF8.GetBytes("マトリックス:example.org:TheMatrIX"));
        using var credential = new StunCredential(OpenSslCrypto.Instance, "name"u8, key);

        Assert.True(StunMessage.TryRead(Convert.FromHexString(RequestSha256), out StunMessage message));

        Assert.Equal(StunIntegrity.Sha256, message.Integrity);
        Assert.True(message.Verify(credential));
        Span<ushort> unknown = stackalloc ushort[4];
        Assert.Equal(4, message.ListUnknownAttributes(unknown));
        Assert.Equal([0x001e, 0x0015, 0x0014, 0x001d], unknown.ToArray());
    }

    [Fact]
    public void TheWriterMakesThePrintedResponseButForItsPadding()
    {
        using StunCredential credential = NewCredential();
        byte[] buffer = new byte[200];

        var writer = new StunWriter(buffer, StunClass.SuccessResponse, StunMethod.Binding, Id);
        writer.Write(StunAttributeType.Software, "test vector"u8);
        writer.WriteMappedAddress(new StunAddress([192, 0, 2, 1], 32853));
        writer.WriteIntegrity(credential, StunIntegrity.Sha1);
        writer.WriteFingerprint();

        // The example pads with a space, we with zero; so integrity and fingerprint differ from the print and must hold by themselves.
        byte[] printed = Convert.FromHexString(ResponseIPv4);
        printed[35] = 0;
        Assert.Equal(printed.AsSpan(0, 52), writer.Written[..52]);
        Assert.Equal(printed.Length, writer.Length);
        Assert.True(StunMessage.TryRead(writer.Written, out StunMessage message));
        Assert.True(message.Verify(credential));
        Assert.True(message.FingerprintMatches);
    }
}
