using System.CommandLine;
using System.Security.Cryptography;
using RoomAgent.Enrolment;
using RoomAgent.Hub.Identity;
using RoomAgent.Hub.MediaNode.Alone;
using RoomAgent.Hub.Operations;
using RoomAgent.Native.OpenSsl;

namespace RoomAgent.Hub.Hosting.Commands;

/// <summary>Media nodes that run alone: <c>roomhub node-credentials</c> and <c>roomhub node-revoke</c> at the hub, <c>roomhub node</c> at the node.</summary>
internal static class NodeCommands
{
    public static Command CreateCredentials(VerbRunner run)
    {
        var name = NameArgument();
        var folder = new Argument<DirectoryInfo>("DIR") { Description = "The folder to write; carry it to the node, it holds the node's key." };
        var command = new Command("node-credentials", "Makes the credentials of a media node that runs alone, good for a year. Those made before for the same name do not count any more. The hub may run.") { name, folder };
        command.SetAction(run(async (settings, parsed, cancel) =>
        {
            await using OpenHub hub = await OpenHub.OpenAsync(settings, cancel);
            using NodeAuthority authority = await NodeAuthority.OpenAsync(new KeyStore(hub.Database), hub.Secret, TimeProvider.System, cancel);
            using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            DateTimeOffset now = TimeProvider.System.GetUtcNow();
            string node = parsed.GetRequiredValue(name), path = parsed.GetRequiredValue(folder).FullName;
            byte[] certificate = authority.CertifyNode(node, key, now);
            NodeFiles.Write(path, certificate, key, authority.RootPem);
            await new NodeCredentials(hub.Database, TimeProvider.System).AddAsync(node, certificate, now + NodeAuthority.NodeLife, cancel);
            Console.WriteLine($"{path}: credentials of {node}, good until {now + NodeAuthority.NodeLife:yyyy-MM-dd}. At the node:");
            Console.WriteLine($"    roomhub node --hub https://{new Uri(settings.Address.Url).IdnHost}:{settings.NodeListen?.Port ?? 5443} --credentials {path}");
            if (settings.NodeListen is null)
                Console.Error.WriteLine("roomhub: the hub does not listen for nodes yet: start it with --node-listen [::]:5443");
            return ExitCode.Good;
        }));
        return command;
    }

    public static Command CreateRevoke(VerbRunner run)
    {
        var name = NameArgument();
        var command = new Command("node-revoke", "Revokes the credentials of a media node; hubs cut it off within 5 seconds. The hub may run.") { name };
        command.SetAction(run(async (settings, parsed, cancel) =>
        {
            await using OpenHub hub = await OpenHub.OpenAsync(settings, cancel);
            string node = parsed.GetRequiredValue(name);
            if (!await new NodeCredentials(hub.Database, TimeProvider.System).RevokeAsync(node, cancel))
                throw new IOException($"There is no node {node} whose credentials count");
            Console.WriteLine($"{node} does not count any more.");
            return ExitCode.Good;
        }));
        return command;
    }

    public static Command CreateNode(VerbRunner run)
    {
        var hubs = new Option<string>("--hub") { Description = "https://name:port of --node-listen of the hub; of several hubs that share a database, each, with commas.", HelpName = "URL", Required = true };
        var credentials = new Option<DirectoryInfo>("--credentials") { Description = "The folder that roomhub node-credentials wrote.", HelpName = "DIR", Required = true };
        var command = new Command("node", "Runs a media node and nothing else, with the settings --media-...; it serves the hubs that it is told.") { hubs, credentials };
        command.SetAction(run(async (settings, parsed, cancel) =>
        {
            HubAddress?[] addresses = [.. parsed.GetRequiredValue(hubs).Split(',', StringSplitOptions.TrimEntries).Select(HubAddress.Read)];
            if (addresses.Any(address => address is null))
                throw new IOException("--hub is https://name:port in lower case, without a path; several with commas");

            using NodeFiles files = NodeFiles.Read(parsed.GetRequiredValue(credentials).FullName);
            // The WebSocket for media is at hubs alone.
            MediaNode.NodeSettings media = settings.Media with { WebSocket = null };
            await using MediaNode.MediaNode node = MediaNode.MediaNode.Start(media, OpenSslCrypto.Instance, OpenSslRandom.Instance, TimeProvider.System);
            HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(settings: null);
            CommandLine.Log(builder.Logging);
            builder.Services.AddSingleton(TimeProvider.System).AddHostedService<SystemdNotifier>();
            foreach (HubAddress? address in addresses)
                builder.Services.AddSingleton<IHostedService>(provider => new NodeService(node, media.Lease, new Uri(address!.Of("/")), files, TimeProvider.System, provider.GetRequiredService<ILogger<NodeService>>()));
            using IHost host = builder.Build();
            await host.RunAsync(cancel);
            return ExitCode.Good;
        }));
        return command;
    }

    private static Argument<string> NameArgument()
    {
        var name = new Argument<string>("NAME") { Description = "What the node is called: letters, digits and hyphens in lower case." };
        name.Validators.Add(given =>
        {
            if (!NodeCredentials.IsName(given.GetValueOrDefault<string>()))
                given.AddError($"NAME is 1 to {NodeCredentials.MaxName} letters, digits and hyphens in lower case");
        });
        return name;
    }
}
