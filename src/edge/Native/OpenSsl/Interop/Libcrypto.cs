namespace RoomAgent.Native.OpenSsl.Interop;

/// <summary>
/// A dictionary of libcrypto, one file for each header, under its own names. No design: what the functions mean stands in their manual pages,
/// how they go together in the classes that call them. Nothing here is deprecated in OpenSSL 3.
/// </summary>
/// <remarks>
/// Functions on the path of every media frame take the raw context; their caller keeps the handle alive. All others take handles.
/// Pointers to an EVP_CIPHER, EVP_MD or EVP_MAC are fetched once and live as long as the process.
/// </remarks>
internal static partial class Libcrypto
{
    public const string Library = "libcrypto.so.3";
}
