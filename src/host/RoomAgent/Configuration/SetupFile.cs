using System.Text;
using Microsoft.Extensions.Logging;
using RoomAgent.Agent.Ports;
using RoomAgent.Agent.Settings;
using RoomAgent.Crypto;
using RoomAgent.Enrolment;
using RoomAgent.Native.OpenSsl;
using RoomAgent.Store;

namespace RoomAgent.Host.Configuration;

/// <summary>
/// The file that somebody lays on the boot partition of a new device, where any computer can write. The setup code in it is used once; then it is written over,
/// and never used again even where that cannot be done.
/// </summary>
/// <remarks>
/// <code>
/// [setup]
/// code = roomagent-setup:1:...
/// </code>
/// The daemon's own user may not write there as a rule: systemd has <see cref="Cover"/> done for root once the daemon is ready.
/// It is written over where it stands, and not replaced by another file: that partition is FAT, which has no rights to set and would leave the old file's content where it was.
/// </remarks>
internal sealed class SetupFile(string path, string mark, ILogger log)
{
    /// <summary>The file in the state directory that notes which code was used.</summary>
    public const string MarkName = "setup-used";

    private const string Section = "setup";
    private const string Key = "code";
    private const byte Blank = (byte)'#';
    private const int DigestSize = 32;

    /// <summary>Has the account use the code in the file, if there is one that was not used.</summary>
    /// <remarks>
    /// 1. The account keeps it.   2. It is noted as used.   3. It goes from the file.
    /// A power cut in between has it kept twice, or tried to be removed again, and nothing worse.
    /// </remarks>
    public void Use(IHubAccount account)
    {
        if (ReadCode() is not { } text)
            return;

        if (SetupCode.Read(text, OpenSslCrypto.Instance) is not { } code)
        {
            log.SetupUnreadable(path);
            return;
        }

        try
        {
            if (!IsUsed(text))
            {
                if (account.UseSetupCodeAsync(code).GetAwaiter().GetResult())
                    log.SetupTaken(path);
                else
                    log.SetupNotNeeded(path);
                DurableFile.Write(mark, DigestOf(text));
            }
        }
        catch (IOException problem)
        {
            log.SetupNotKept(path, problem.Message);
            return;
        }

        Remove(Encoding.UTF8.GetBytes(text));
    }

    /// <summary>Writes over a code that was used, and nothing else. For whoever may write where the file is.</summary>
    public void Cover()
    {
        if (ReadCode() is { } text && IsUsed(text))
            Remove(Encoding.UTF8.GetBytes(text));
    }

    // The mark is SHA-256 of the code that was used last.
    private bool IsUsed(string text) => DurableFile.Read(mark, stackalloc byte[DigestSize]).SequenceEqual(DigestOf(text));

    private static byte[] DigestOf(string text)
    {
        byte[] digest = new byte[DigestSize];
        OpenSslCrypto.Instance.Hash(HashAlgorithm.Sha256, Encoding.UTF8.GetBytes(text), digest);
        return digest;
    }

    private string? ReadCode()
    {
        if (path.Length == 0 || Content() is not { } content)
            return null;

        var assignments = new List<Assignment>();
        var problems = new List<SettingProblem>();
        IniText.Read(path, content, assignments, problems);
        foreach (SettingProblem problem in problems)
            log.SetupProblem(problem.Origin, problem.Text);

        string? code = null;
        foreach (Assignment assignment in assignments)
        {
            if (assignment.Section.Equals(Section, StringComparison.OrdinalIgnoreCase) && assignment.Key.Equals(Key, StringComparison.OrdinalIgnoreCase))
                code = assignment.Text;
            else
                log.SetupProblem(assignment.Origin, "only [setup] code is read here; settings go into /etc/roomagent/roomagent.conf");
        }

        // What was written over.
        return string.IsNullOrEmpty(code) || code.All(letter => letter == Blank) ? null : code;
    }

    private byte[]? Content()
    {
        try
        {
            // A byte more than is allowed tells a file that is too long, be it a device without an end.
            byte[] buffer = new byte[IniText.MaximumBytes + 1];
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
            return buffer[..stream.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false)];
        }
        catch (Exception missing) when (missing is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (Exception refusal) when (refusal is IOException or UnauthorizedAccessException)
        {
            log.SetupProblem(path, $"cannot be read: {refusal.Message}");
            return null;
        }
    }

    // Wherever it stands in the file, comments included.
    private void Remove(ReadOnlySpan<byte> code)
    {
        try
        {
            using var stream = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.None, bufferSize: 0);
            byte[] content = new byte[Math.Min(stream.Length, IniText.MaximumBytes)];
            stream.ReadExactly(content);
            for (int at = content.AsSpan().IndexOf(code); at >= 0; at = content.AsSpan().IndexOf(code))
                content.AsSpan(at, code.Length).Fill(Blank);
            stream.Position = 0;
            stream.Write(content);
            stream.Flush(flushToDisk: true);
            log.SetupRemoved(path);
        }
        catch (Exception refusal) when (refusal is IOException or UnauthorizedAccessException)
        {
            log.SetupNotRemoved(path, refusal.Message);
        }
    }
}
