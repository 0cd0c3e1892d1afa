using Microsoft.Extensions.Logging;
using RoomAgent.Agent.Calendar;
using RoomAgent.Agent.Ports;
using RoomAgent.Cloud.Account;
using RoomAgent.Cloud.Calls;
using RoomAgent.Cloud.Certificates;

namespace RoomAgent.Cloud;

/// <summary>What the hub does for this device, through its membership.</summary>
/// <param name="membership">The membership.</param>
/// <param name="clock">The machine's clock.</param>
/// <param name="logs">The journal.</param>
public sealed class HubServices(Membership membership, TimeProvider clock, ILoggerFactory logs) : IHubServices
{
    private const string Json = "application/json";

    private readonly DeviceCertificates _certificates = new(membership);
    private readonly ILogger _log = logs.CreateLogger<HubServices>();

    /// <inheritdoc/>
    public ISignalling OpenSignalling() => new HubSignalling(membership, clock, logs.CreateLogger<HubSignalling>());

    /// <inheritdoc/>
    public async Task<DeviceCertificate?> CertifyAsync(IIdentityKey key, CancellationToken cancel)
    {
        CertificateAnswer answer = await CallAsync(() => _certificates.RequestDeviceAsync(key, cancel), fault => new CertificateAnswer(null, fault, null)).ConfigureAwait(false);
        if (answer.Certificate is null && answer.Answer.Fault != HubFault.NoToken)
            _log.NotCertified(answer.Problem ?? answer.Answer.Error ?? answer.Answer.Fault.ToString(), answer.Answer.Status);
        return answer.Certificate;
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<ReadOnlyMemory<byte>>> ReadAuthoritiesAsync(CancellationToken cancel)
    {
        HubAnswer answer = await CallAsync(() => membership.CallAsync(new HubRequest(HttpMethod.Get, HubEndpoints.Authority.Path), cancel), fault => fault).ConfigureAwait(false);
        return answer.Status == 200 ? DeviceCertificates.ReadChain(answer) ?? [] : [];
    }

    /// <inheritdoc/>
    public async Task<CalendarAnswer> ReadCalendarAsync(string? tag, CancellationToken cancel)
    {
        var request = new HubRequest(HttpMethod.Get, "/calendar") { IfNoneMatch = tag, MaxAnswer = CalendarText.MaximumBytes };
        HubAnswer answer = await CallAsync(() => membership.CallAsync(request, cancel), fault => fault).ConfigureAwait(false);
        return answer switch
        {
            { Status: 200, ContentType: Json } => new CalendarAnswer(CalendarOutcome.New, answer.Body, answer.Tag),
            { Status: 304 } => new CalendarAnswer(CalendarOutcome.Same),
            { Status: 404, Error: "no_room" } => new CalendarAnswer(CalendarOutcome.NoRoom),
            _ => new CalendarAnswer(CalendarOutcome.Unreachable),
        };
    }

    /// <inheritdoc/>
    public async Task<ReadOnlyMemory<byte>?> EnterPersonalAsync(string address, CancellationToken cancel)
    {
        var request = new HubRequest(HttpMethod.Post, $"/calendar/personal/{Uri.EscapeDataString(address)}");
        HubAnswer answer = await CallAsync(() => membership.CallAsync(request, cancel), fault => fault).ConfigureAwait(false);
        return answer is { Status: 200, ContentType: Json } ? answer.Body : null;
    }

    // Whoever asks is ending when it gives up: it wants no exception for that.
    private static async Task<T> CallAsync<T>(Func<Task<T>> call, Func<HubAnswer, T> otherwise)
    {
        try
        {
            return await call().ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            return otherwise(new HubAnswer(HubFault.NoConnection));
        }
    }
}
