using RoomAgent.Testing;

namespace RoomAgent.Hal.Tests.Peers;

/// <summary>What the build of the shim says on a machine that lacks something.</summary>
public sealed class MissingPackagesTests
{
    [Fact]
    public void AMachineWithoutLibrariesIsToldWhichPackagesToInstall()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["pkg-config"], "#!/bin/sh\ncase \"$*\" in *opus* | *libavdevice*) exit 1 ;; esac\n");
        Program.Must("chmod", "+x", folder["pkg-config"]);

        (int code, string said) = Make(folder, "PKG_CONFIG=" + folder["pkg-config"]);

        Assert.NotEqual(0, code);
        Assert.Contains("error RAM0001", said, StringComparison.Ordinal);
        Assert.Contains("`apt-get install --no-install-recommends libavdevice-dev libopus-dev`", said, StringComparison.Ordinal);
    }

    [Fact]
    public void AMachineWithoutACompilerIsToldSo()
    {
        using var folder = new TemporaryFolder();

        (int code, string said) = Make(folder, "CC=nonesuch-gcc");

        Assert.NotEqual(0, code);
        Assert.Contains("`apt-get install --no-install-recommends gcc`", said, StringComparison.Ordinal);
    }

    private static (int Code, string Said) Make(TemporaryFolder folder, string setting) =>
        Program.Run("make", "--silent", "--directory=" + Path.Combine(Repository.Root, "hal", "native"), "OUT=" + folder["out"], setting);
}
