using System.Diagnostics;

namespace RoomAgent.Hal.Tests.Peers;

/// <summary>Another program, run to its end.</summary>
internal static class Program
{
    /// <summary>Its exit code and all that it said.</summary>
    public static (int Code, string Said) Run(string name, params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(name, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true })!;
        process.StandardInput.Close();
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output + errors.Result);
    }

    /// <summary>The same, when it must succeed.</summary>
    public static string Must(string name, params string[] arguments)
    {
        (int code, string said) = Run(name, arguments);
        Assert.True(code == 0, said);
        return said;
    }
}
