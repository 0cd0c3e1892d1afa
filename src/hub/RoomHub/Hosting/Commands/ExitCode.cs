namespace RoomAgent.Hub.Hosting.Commands;

/// <summary>How the program ends: the numbers of sysexits.h where there is one.</summary>
internal static class ExitCode
{
    public const int Good = 0, Failure = 1, Usage = 64, Configuration = 78;
}
