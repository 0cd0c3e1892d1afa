using System.Security.Cryptography;

namespace RoomAgent.Hub.Pages;

/// <summary>The one style sheet, which is in the assembly. Its link changes when it does, so that browsers may keep it for ever.</summary>
internal static class StyleSheet
{
    /// <summary>Where it is.</summary>
    public const string Path = "/style.css";

    private static readonly byte[] s_text = Read();

    /// <summary>Where the present one is.</summary>
    public static string Link { get; } = $"{Path}?v={Convert.ToHexStringLower(SHA256.HashData(s_text).AsSpan(0, 6))}";

    /// <summary>Answers with it.</summary>
    public static async Task WriteAsync(HttpContext context)
    {
        context.Response.ContentType = "text/css; charset=utf-8";
        context.Response.ContentLength = s_text.Length;
        context.Response.Headers.CacheControl = "public, max-age=31536000, immutable";
        await context.Response.Body.WriteAsync(s_text, context.RequestAborted);
    }

    private static byte[] Read()
    {
        using Stream stream = typeof(StyleSheet).Assembly.GetManifestResourceStream("pages/style.css")!;
        byte[] text = new byte[stream.Length];
        stream.ReadExactly(text);
        return text;
    }
}
