using RoomAgent.Native.OpenSsl;
using RoomAgent.Stun;
using RoomAgent.Testing;
using RoomAgent.Wire;

namespace RoomAgent.Fuzz.Targets;

internal static class StunTargets
{
    private static readonly StunCredential s_credential = new(OpenSslCrypto.Instance, "name"u8, "key"u8);
    private static readonly BindingServer s_server = new(_ => s_credential);

    /// <summary>A datagram, to the server and to the client.</summary>
    public static FuzzTarget Message { get; } = new("stun", input =>
    {
        Span<byte> answer = stackalloc byte[BindingServer.LargestAnswer];
        s_server.Answer(input, new StunAddress(new byte[16], 1), answer, out int length, out _);
        if (length > BindingServer.LargestAmplification * input.Length)
            throw new InvalidOperationException($"{input.Length} bytes were answered with {length}.");
        if (!StunMessage.TryRead(input, out StunMessage message))
            return;

        var client = new BindingClient(new SeededRandom(1), reliable: false);
        client.Start(new Instant(0));
        client.HandleMessage(new Instant(1), message);
        message.Verify(s_credential);
        message.TryReadErrorCode(out _);
        message.TryReadMappedAddress(out _);
        message.ListUnknownAttributes(stackalloc ushort[4]);
    }, () => [Request(null), Request(s_credential), Answer(Request(null)), Answer(Request(s_credential))]);

    private static byte[] Request(StunCredential? credential)
    {
        byte[] request = new byte[BindingClient.LargestRequest];
        var client = new BindingClient(new SeededRandom(1), reliable: false, credential);
        client.Start(new Instant(0));
        client.TryPollTransmit(request, out int length);
        return request[..length];
    }

    private static byte[] Answer(byte[] request)
    {
        byte[] answer = new byte[BindingServer.LargestAnswer];
        s_server.Answer(request, new StunAddress(new byte[4], 1), answer, out int length, out _);
        return answer[..length];
    }
}
