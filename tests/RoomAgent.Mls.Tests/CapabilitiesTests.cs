namespace RoomAgent.Mls.Tests;

/// <summary>What a client says that it supports (RFC 9420 sections 7.2 and 13.5).</summary>
public sealed class CapabilitiesTests
{
    // Section 13.5 reserves values among suites, extensions, proposals and credentials. Versions are an enumeration of one.
    [Fact]
    public void AClientGreasesWhereValuesAreReservedAndNowhereElse()
    {
        Capabilities capabilities = TestClients.Client(TestClients.Suite(1), "alice").CreateKeyPackage(TestClients.Valid).KeyPackage.LeafNode.Capabilities;

        Assert.Equal([1], capabilities.Versions);
        Assert.Single(capabilities.CipherSuites, IsGrease);
        Assert.Single(capabilities.Extensions, IsGrease);
        Assert.Single(capabilities.Proposals, IsGrease);
        Assert.Single(capabilities.Credentials, IsGrease);
    }

    private static bool IsGrease(ushort value) => (value & 0x0f0f) == 0x0a0a && value >> 12 == (value >> 4 & 0xf) && value >> 12 != 0xf;
}
