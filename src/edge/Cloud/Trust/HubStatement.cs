using System.Text;
using RoomAgent.Wire;

namespace RoomAgent.Cloud.Trust;

/// <summary>What a hub says under its identity key, in the form that is signed.</summary>
/// <remarks>
/// <code>
/// struct {
///   opaque label&lt;V&gt;;                     "RoomHub statement 1 " and the kind
///   select (kind) {
///     case "tls-key": opaque spki_sha256[32]; uint64 not_before; uint64 not_after;   seconds since 1970
///     case "move":    uint64 number; opaque url&lt;V&gt;; uint64 since;
///     case "time":    opaque nonce&lt;V&gt;; uint64 milliseconds;
///   };
/// }
/// </code>
/// </remarks>
internal static class HubStatement
{
    /// <summary>"This is the key of my TLS certificate."</summary>
    public static byte[] TlsKey(ReadOnlySpan<byte> keyHash, ulong notBefore, ulong notAfter)
    {
        WireWriter writer = Begin("tls-key");
        writer.WriteBytes(keyHash);
        writer.WriteUInt64(notBefore);
        writer.WriteUInt64(notAfter);
        return End(ref writer);
    }

    /// <summary>"From now on I am at this address."</summary>
    public static byte[] Move(ulong number, string url, ulong since)
    {
        WireWriter writer = Begin("move");
        writer.WriteUInt64(number);
        writer.WriteVector(Encoding.ASCII.GetBytes(url));
        writer.WriteUInt64(since);
        return End(ref writer);
    }

    /// <summary>"When I was asked with this nonce it was this late."</summary>
    public static byte[] Time(ReadOnlySpan<byte> nonce, ulong milliseconds)
    {
        WireWriter writer = Begin("time");
        writer.WriteVector(nonce);
        writer.WriteUInt64(milliseconds);
        return End(ref writer);
    }

    private static WireWriter Begin(string kind)
    {
        var writer = WireWriter.Growing();
        writer.WriteVector(Encoding.ASCII.GetBytes($"RoomHub statement 1 {kind}"));
        return writer;
    }

    private static byte[] End(ref WireWriter writer)
    {
        byte[] encoded = writer.ToArray();
        writer.Dispose();
        return encoded;
    }
}
