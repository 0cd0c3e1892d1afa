using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using RoomAgent.Hub.MediaNode;
using RoomAgent.Native.OpenSsl;
using RoomAgent.Net;

namespace RoomAgent.MediaLab;

/// <summary>A media node on its usual ports, and on the HTTPS port beside its WebSocket what a hub would do: answer offers, renew legs.</summary>
internal static class LabNode
{
    private static readonly ConferenceId s_conference = new(new Guid("6a1d2c52-8fd3-4f0e-9a71-3c0f5d7a2b11"));

    public static async Task<int> RunAsync(IPAddress address, CancellationToken stopping)
    {
        using X509Certificate2 certificate = MakeCertificate(address);
        var settings = new NodeSettings { Listen = [address], WebSocket = new Uri($"https://{address}/media"), Loops = 2 };
        await using MediaNode node = MediaNode.Start(settings, OpenSslCrypto.Instance, OpenSslRandom.Instance, TimeProvider.System);
        var legs = new ConcurrentDictionary<LegId, bool>();

        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration().ConfigureKestrel(server => server.Listen(address, 443, endpoint => endpoint.UseHttps(certificate)));
        await using WebApplication web = builder.Build();
        web.UseWebSockets();
        web.MapMedia("/media", node.Connections);
        web.MapPost("/offer/{leg:guid}", async (Guid leg, HttpRequest request) =>
        {
            using var body = new MemoryStream();
            await request.Body.CopyToAsync(body);
            OfferResult result = await node.OfferAsync(new LegId(leg), s_conference, body.ToArray());
            if (result.Answer is not { } answer)
                return Results.BadRequest(result.Refusal);

            legs[new LegId(leg)] = true;
            using (answer)
                return Results.Bytes(answer.Bytes.ToArray(), "application/sdp");
        });
        await web.StartAsync(stopping);
        Report.Write("ready", ("certificate", Convert.ToHexStringLower(SHA256.HashData(certificate.RawData))));

        using var renewal = new PeriodicTimer(TimeSpan.FromSeconds(3));
        try
        {
            while (await renewal.WaitForNextTickAsync(stopping))
            {
                foreach (LegId leg in legs.Keys)
                    await node.RenewAsync(leg);
                Report.Write("load", ("legs", node.Load.Legs), ("connections", node.Load.Connections), ("busy", node.Load.Busy));
            }
        }
        catch (OperationCanceledException)
        {
            // The ordinary end.
        }

        return 0;
    }

    private static X509Certificate2 MakeCertificate(IPAddress address)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=media lab", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(address);
        request.CertificateExtensions.Add(names.Build());
        using X509Certificate2 made = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        return X509CertificateLoader.LoadPkcs12(made.Export(X509ContentType.Pfx), null);
    }
}
