using RoomAgent.Testing;

namespace RoomAgent.Hal.Tests.Peers;

/// <summary>The shim compiles on the Debian that this is not: with FFmpeg 5.1 in Debian 12, with 7.1 in Debian 13.</summary>
[Trait("Category", "Peer")]
public sealed class OtherDebianTests
{
    private static readonly string[] s_packages = ["libavcodec-dev", "libavdevice-dev", "libavformat-dev", "libavutil-dev", "libswresample-dev", "libswscale-dev"];

    [Theory]
    [InlineData("bookworm", 59)]
    [InlineData("trixie", 61)]
    public void TheShimCompilesWithoutAWarningAgainstItsFfmpeg(string suite, int libavcodec)
    {
        string headers = Fetch(suite);

        Assert.Contains($"LIBAVCODEC_VERSION_MAJOR  {libavcodec}", File.ReadAllText(Path.Combine(headers, "libavcodec", "version_major.h")), StringComparison.Ordinal);
        Program.Must("make", "--silent", "--directory=" + Path.Combine(Repository.Root, "hal", "native"), "check-headers", "INCLUDE=" + headers);
    }

    /// <summary>FFmpeg's headers of a Debian, fetched once with apt's own means and lists of its own: nothing is installed.</summary>
    private static string Fetch(string suite)
    {
        string folder = Path.Combine(Repository.Root, "artifacts", "peers", "ffmpeg-" + suite);
        string headers = Path.Combine(folder, "headers");
        if (!Directory.Exists(headers))
        {
            foreach (string part in new[] { "lists/partial", "cache/archives/partial", "packages" })
                Directory.CreateDirectory(Path.Combine(folder, part));
            File.WriteAllText(Path.Combine(folder, "sources.list"), $"deb http://deb.debian.org/debian {suite} main\n");
            string[] apart =
            [
                "-q", "-o", $"Dir::Etc::sourcelist={folder}/sources.list", "-o", "Dir::Etc::sourceparts=/dev/null", "-o", $"Dir::State::lists={folder}/lists",
                "-o", $"Dir::Cache={folder}/cache", "-o", "Acquire::Languages=none", "-o", "APT::Sandbox::User=root",
            ];
            (int code, string said) = Program.Run("apt-get", [.. apart, "-o", "APT::Update::Error-Mode=any", "update"]);
            if (code == 0)
                (code, said) = Program.Run("sh", ["-c", "cd \"$1\" && shift && exec apt-get \"$@\"", "sh", Path.Combine(folder, "packages"), .. apart, "download", .. s_packages]);
            Assert.SkipUnless(code == 0, $"The packages of {suite} cannot be fetched: {said}");

            string unpacked = Path.Combine(folder, "unpacked");
            foreach (string package in Directory.GetFiles(Path.Combine(folder, "packages"), "*.deb"))
                Program.Must("dpkg-deb", "--extract", package, unpacked);
            Directory.Move(Path.GetDirectoryName(Directory.GetDirectories(Path.Combine(unpacked, "usr", "include"), "libavcodec", SearchOption.AllDirectories).Single())!, headers);
        }

        return headers;
    }
}
