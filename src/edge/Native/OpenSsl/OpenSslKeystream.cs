using RoomAgent.Crypto;
using RoomAgent.Native.OpenSsl.Interop;
using static RoomAgent.Native.OpenSsl.OpenSslLibrary;

namespace RoomAgent.Native.OpenSsl;

/// <summary>A keyed EVP_CIPHER_CTX of AES-CTR. Per message only the counter block is set; the key schedule stays.</summary>
internal sealed unsafe class OpenSslKeystream : Keystream
{
    private static readonly Lazy<nint> s_aes128 = new(() => Fetch("AES-128-CTR"));
    private static readonly Lazy<nint> s_aes256 = new(() => Fetch("AES-256-CTR"));

    private readonly KeptContext<EvpCipherCtxHandle> _context;

    public OpenSslKeystream(ReadOnlySpan<byte> key)
    {
        EvpCipherCtxHandle context = Check(Libcrypto.EVP_CIPHER_CTX_new(), nameof(Libcrypto.EVP_CIPHER_CTX_new));
        nint cipher = key.Length == 16 ? s_aes128.Value : s_aes256.Value;
        fixed (byte* keyBytes = key)
            Check(Libcrypto.EVP_CipherInit_ex2(context.DangerousGetHandle(), cipher, keyBytes, null, enc: 1, null), nameof(Libcrypto.EVP_CipherInit_ex2));
        _context = new(context);
    }

    public override void Apply(ReadOnlySpan<byte> counterBlock, ReadOnlySpan<byte> input, Span<byte> output)
    {
        if (counterBlock.Length != CounterBlock)
            throw new ArgumentException("A counter block has 16 bytes.", nameof(counterBlock));
        if (input.Length != output.Length)
            throw new ArgumentException("Input and output are equally long.", nameof(output));
        if (input.Overlaps(output, out int offset) && offset != 0)
            throw new ArgumentException("Input and output overlap without starting together.");
        if (input.IsEmpty)
            return;

        EvpCipherCtxHandle handle = _context.Take();
        nint context = handle.DangerousGetHandle();
        fixed (byte* counter = counterBlock, from = input, to = output)
        {
            int written;
            bool done = Libcrypto.EVP_CipherInit_ex2(context, 0, null, counter, enc: 1, null) == 1
                && Libcrypto.EVP_CipherUpdate(context, to, &written, from, input.Length) == 1;

            _context.PutBack(handle);
            Check(done ? 1 : 0, "EVP AES-CTR");
        }
    }

    protected override void Dispose(bool disposing) => _context.Dispose();

    private static nint Fetch(string name) => Check(Libcrypto.EVP_CIPHER_fetch(0, name, 0), $"Fetching {name}");
}
