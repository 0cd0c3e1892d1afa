using System.CommandLine;
using RoomAgent.Crypto;
using RoomAgent.Hub.Operations;
using RoomAgent.Hub.Store;
using RoomAgent.Native.OpenSsl;

namespace RoomAgent.Hub.Hosting.Commands;

/// <summary><c>roomhub backup FILE</c>: everything in one encrypted file, while the hub runs.</summary>
internal static class BackupCommand
{
    /// <summary>What the file with the address of the hub is called in a backup.</summary>
    public const string AddressName = "address";

    public static Command Create(VerbRunner run)
    {
        var file = new Argument<FileInfo>("FILE") { Description = "The file to write; it must not be there yet." };
        var key = new Option<FileInfo>("--key-file") { Description = "A file with the recovery key, instead of the one that the hub keeps.", HelpName = "PATH" };
        var anew = new Option<bool>("--new-key") { Description = "Make a new recovery key, and print it. Earlier backups keep theirs." };
        var command = new Command("backup", "Writes database, authority, identity and secrets into one encrypted file. The hub may run. The first time it prints the recovery key, without which nobody can restore: keep it where the hub is not.") { file, key, anew };
        command.SetAction(run((settings, parsed, cancel) => BackUpAsync(settings, parsed.GetRequiredValue(file).FullName, parsed.GetValue(key)?.FullName, parsed.GetValue(anew), cancel)));
        return command;
    }

    // 1. Beside the file, so that nobody takes a half one for a backup.
    // 2. On the storage, and read again: whoever finds that out at the restore finds it out too late.
    // 3. Under its name.
    private static async Task<int> BackUpAsync(HubSettings settings, string path, string? keyFile, bool anew, CancellationToken cancel)
    {
        if (File.Exists(path))
            throw new IOException($"{path}: there is a file already; a backup takes the place of none");

        await using OpenHub hub = await OpenHub.OpenAsync(settings, cancel);
        using Secret key = await KeyAsync(hub, keyFile, anew, cancel);
        string beside = path + ".part";
        BackupFile[] files = Files(hub);
        try
        {
            await using (var output = new FileStream(beside, new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.ReadWrite, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite }))
            {
                await using (Progress.Of("written", () => output.Length))
                    await HubBackup.WriteAsync(hub.Database, files, output, key, OpenSslCrypto.Instance, OpenSslRandom.Instance, cancel);
                output.Flush(flushToDisk: true);
                output.Position = 0;
                using SealedReader? reader = SealedReader.Start(output, key, OpenSslCrypto.Instance);
                if (reader?.IsAuthentic() != true)
                    throw new IOException($"{beside}: what was written reads otherwise; the storage is damaged");
                Console.WriteLine($"{path}: {output.Length:N0} bytes, read again and whole");
            }

            File.Move(beside, path, overwrite: false);
            return ExitCode.Good;
        }
        finally
        {
            File.Delete(beside);
            foreach (BackupFile file in files)
                System.Security.Cryptography.CryptographicOperations.ZeroMemory(file.Content);
        }
    }

    private static async Task<Secret> KeyAsync(OpenHub hub, string? keyFile, bool anew, CancellationToken cancel)
    {
        if (keyFile is not null)
            return ReadKey(keyFile);

        var keys = new RecoveryKeys(hub.Database, hub.Secret);
        if (!anew && await keys.LoadAsync(cancel) is { } kept)
            return kept;

        Secret made = await keys.MakeAsync(OpenSslRandom.Instance, TimeProvider.System.GetUtcNow(), cancel);
        Console.WriteLine("The recovery key of this hub's backups. It is shown once; keep it where the hub is not:");
        Console.WriteLine();
        Console.WriteLine($"    {RecoveryKey.Reveal(made)}");
        Console.WriteLine();
        return made;
    }

    /// <summary>Reads a recovery key from a file.</summary>
    /// <exception cref="IOException">It is not there, or none.</exception>
    public static Secret ReadKey(string path)
    {
        using var reader = new StreamReader(path);
        char[] text = new char[RecoveryKey.MaxLength + 1];
        int length = reader.ReadBlock(text);
        return RecoveryKey.Read(new string(text, 0, length)) ?? throw new IOException($"{path}: it is no recovery key (56 letters and digits), or something in it is mistyped");
    }

    // The secret of the root may lie in a safe.
    private static BackupFile[] Files(OpenHub hub)
    {
        var files = new List<BackupFile>
        {
            new(AddressName, System.Text.Encoding.ASCII.GetBytes(hub.Accounts.Address.Url)),
            new(DataFolder.SecretName, File.ReadAllBytes(hub.Data.SecretFile)),
        };
        if (File.Exists(hub.Data.RootSecretFile))
            files.Add(new BackupFile(DataFolder.RootSecretName, File.ReadAllBytes(hub.Data.RootSecretFile)));
        else
            Console.Error.WriteLine($"roomhub: {hub.Data.RootSecretFile} is not here, so it is not in the backup either: keep it yourself");
        return [.. files];
    }
}
