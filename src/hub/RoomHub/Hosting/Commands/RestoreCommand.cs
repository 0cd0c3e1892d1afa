using System.CommandLine;
using System.Security.Cryptography;
using System.Text;
using RoomAgent.Crypto;
using RoomAgent.Hub.Identity;
using RoomAgent.Hub.Operations;
using RoomAgent.Hub.Store;
using RoomAgent.Native.OpenSsl;

namespace RoomAgent.Hub.Hosting.Commands;

/// <summary><c>roomhub restore FILE</c>: a backup becomes a hub again, also on another machine and at another address.</summary>
internal static class RestoreCommand
{
    public static Command Create(VerbRunner run)
    {
        var file = new Argument<FileInfo>("FILE") { Description = "A file that roomhub backup wrote." };
        var key = new Option<FileInfo>("--key-file") { Description = "A file with the recovery key. Without it the key is asked for.", HelpName = "PATH" };
        var command = new Command("restore", "Makes a hub of a backup, in an empty --data folder and an empty database; no hub may run there. With another --address than the hub had, it signs that it has moved, and devices follow.") { file, key };
        command.SetAction(run((settings, parsed, cancel) => RestoreAsync(settings, parsed.GetRequiredValue(file).FullName, parsed.GetValue(key)?.FullName, cancel)));
        return command;
    }

    // 1. Nothing is there that could be lost.
    // 2. The database, wholly or not at all; then the secrets, which open it.
    // 3. Where the hub is now.
    private static async Task<int> RestoreAsync(HubSettings settings, string path, string? keyFile, CancellationToken cancel)
    {
        var data = new DataFolder(settings.Data);
        string[] taken = [data.SecretFile, data.RootSecretFile, .. settings.Database is null ? new[] { data.Database } : []];
        if (taken.FirstOrDefault(File.Exists) is { } there)
            throw new IOException($"{there}: there is a hub already. Restore into an empty folder (--data), or move what is there away");

        await using var input = new FileStream(path, FileMode.Open, FileAccess.Read);
        using Secret key = keyFile is null ? AskForKey() : BackupCommand.ReadKey(keyFile);
        await using Database database = OpenHub.Open(settings, data);
        RestoreResult result;
        await using (Progress.Of("read", () => input.Position))
            result = await HubBackup.RestoreAsync(database, input, key, OpenSslCrypto.Instance, TimeProvider.System.GetUtcNow(), cancel);

        try
        {
            if (Problem(result) is { } problem)
                throw new IOException($"{path}: {problem}");

            foreach (BackupFile file in result.Files.Where(file => file.Name is DataFolder.SecretName or DataFolder.RootSecretName))
                Write(file.Name == DataFolder.SecretName ? data.SecretFile : data.RootSecretFile, file.Content);
            await FollowAsync(settings, database, result.Files, cancel);
        }
        finally
        {
            foreach (BackupFile file in result.Files)
                CryptographicOperations.ZeroMemory(file.Content);
        }

        await using OpenHub hub = await OpenHub.OpenAsync(settings, cancel);
        Console.WriteLine($"Restored. The hub is \"{hub.Accounts.Identity.Fingerprint}\" as before; start roomhub.");
        return ExitCode.Good;
    }

    private static async Task FollowAsync(HubSettings settings, Database database, IReadOnlyList<BackupFile> files, CancellationToken cancel)
    {
        var moves = new HubMoves(database);
        string? before = (await moves.LastAsync(cancel))?.Address.Url ?? files.Where(file => file.Name == BackupCommand.AddressName).Select(file => Encoding.ASCII.GetString(file.Content)).FirstOrDefault();
        if (before == settings.Address.Url)
            return;

        HubMove move = await moves.MoveAsync(settings.Address, TimeProvider.System.GetUtcNow(), cancel);
        Console.WriteLine($"The hub was at {before}, and has moved to {move.Address} (move {move.Number}).");
        Console.WriteLine("Devices follow when they reach it by the old name: let that lead here too. On the old machine, if it still runs, call");
        Console.WriteLine($"    roomhub move --to {move.Address}");
    }

    private static string? Problem(RestoreResult result) => result.Outcome switch
    {
        RestoreOutcome.Restored => result.Files.Any(file => file.Name == DataFolder.SecretName) ? null : "the hub's secret is missing in it",
        RestoreOutcome.NotABackup => "it is no backup of a hub, or of a later version",
        RestoreOutcome.NotAuthentic => "the recovery key is another one, or the file was altered or cut off; nothing was restored",
        RestoreOutcome.Newer => "a newer roomhub made it: install that version or a later one; nothing was restored",
        _ => "the database has tables already; empty it first, nothing was restored",
    };

    private static Secret AskForKey()
    {
        Console.Error.Write(Console.IsInputRedirected ? "" : "Recovery key: ");
        return RecoveryKey.Read(Console.In.ReadLine()) ?? throw new IOException("That is no recovery key (56 letters and digits), or something in it is mistyped");
    }

    private static void Write(string path, byte[] content)
    {
        using var file = new FileStream(path, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite, BufferSize = 0 });
        file.Write(content);
        file.Flush(flushToDisk: true);
    }
}
