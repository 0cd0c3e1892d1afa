using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using RoomAgent.Cloud.Trust;

namespace RoomAgent.Cloud.Calls;

/// <summary>
/// Decides with whom TLS is spoken. Strangers at the address may say who they are (an <see cref="Introduction"/>), over a connection that carries nothing that is secret;
/// everything else is sent to those alone whose TLS key the hub's identity key has signed.
/// </summary>
internal sealed class HubDoor : IDisposable
{
    private static readonly TimeSpan s_leeway = TimeSpan.FromMinutes(5);

    private readonly CloudSettings _settings;
    private readonly HubClock _clock;
    private readonly SocketsHttpHandler _handler;
    private volatile HubTlsKey? _known;

    public HubDoor(CloudSettings settings, HubClock clock)
    {
        _settings = settings;
        _clock = clock;
        _handler = NewHandler(settings, (_, presented, _, errors) => IsWelcome(presented, errors));
        Invoker = new HttpMessageInvoker(_handler, disposeHandler: false);
    }

    /// <summary>Reaches the hub itself and nobody else.</summary>
    public HttpMessageInvoker Invoker { get; }

    /// <summary>From now on this key is the hub's; <see langword="null"/> for none, then it is a question of authorities alone.</summary>
    public void Welcome(HubTlsKey? key) => _known = key;

    /// <summary>A connection to whoever is there, which notes who that is.</summary>
    public Introduction Introduce() => new(_settings);

    public void Dispose()
    {
        Invoker.Dispose();
        _handler.Dispose();
    }

    /// <summary>Whether a TLS certificate is the hub's.</summary>
    public bool IsWelcome(X509Certificate? presented, SslPolicyErrors errors)
    {
        if (presented is null)
            return false;
        if (_known is { } known && CryptographicOperations.FixedTimeEquals(known.KeyHash, HashOf(presented)))
            return _clock.Now >= known.NotBefore - s_leeway && _clock.Now <= known.NotAfter + s_leeway;
        return _settings.TrustsAuthorities && errors == SslPolicyErrors.None;
    }

    private static byte[] HashOf(X509Certificate presented)
    {
        using var certificate = new X509Certificate2(presented);
        return SHA256.HashData(certificate.PublicKey.ExportSubjectPublicKeyInfo());
    }

    private static SocketsHttpHandler NewHandler(CloudSettings settings, RemoteCertificateValidationCallback judge)
    {
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            UseProxy = settings.Proxy is not null,
            Proxy = settings.Proxy,
            ConnectTimeout = settings.CallTimeout,
            MaxResponseHeadersLength = 16,
            MaxResponseDrainSize = 0,
            MaxConnectionsPerServer = 8,
            PooledConnectionLifetime = TimeSpan.FromMinutes(15),
            SslOptions = { RemoteCertificateValidationCallback = judge },
        };
        if (settings.Connect is { } connect)
            handler.ConnectCallback = connect;
        if (settings.PublicAuthority is { } authority)
        {
            handler.SslOptions.CertificateChainPolicy = new X509ChainPolicy
            {
                TrustMode = X509ChainTrustMode.CustomRootTrust,
                CustomTrustStore = { authority },
                RevocationMode = X509RevocationMode.NoCheck,
            };
        }

        return handler;
    }

    /// <summary>One connection to whoever is there.</summary>
    internal sealed class Introduction : IDisposable
    {
        private readonly SocketsHttpHandler _handler;
        private volatile byte[]? _tlsKeyHash;
        private volatile bool _isPublic;
        private volatile bool _hasChanged;

        public Introduction(CloudSettings settings)
        {
            _handler = NewHandler(settings, (_, presented, _, errors) =>
            {
                if (presented is null)
                    return false;

                // A second connection to another than the first would let one answer for the other.
                byte[] hash = HashOf(presented);
                _hasChanged |= _tlsKeyHash is { } before && !before.AsSpan().SequenceEqual(hash);
                _tlsKeyHash = hash;
                _isPublic = errors == SslPolicyErrors.None;
                return !_hasChanged;
            });
            Invoker = new HttpMessageInvoker(_handler, disposeHandler: false);
        }

        public HttpMessageInvoker Invoker { get; }

        /// <summary>Whether a public authority, or one installed here, says that this is the host of that name.</summary>
        public bool IsPublic => _isPublic;

        /// <summary>Whether TLS is spoken with the owner of that key.</summary>
        public bool IsWith(HubTlsKey key) => !_hasChanged && _tlsKeyHash is { } hash && hash.AsSpan().SequenceEqual(key.KeyHash);

        public void Dispose()
        {
            Invoker.Dispose();
            _handler.Dispose();
        }
    }
}
