using RoomAgent.Hub.StoreLab;

namespace RoomAgent.Hub.Tests;

/// <summary>One PostgreSQL server for all tests that need one.</summary>
public sealed class TestServer : IDisposable
{
    private readonly PostgreSqlServer? _server = PostgreSqlServer.Missing is null ? new PostgreSqlServer() : null;

    public string NewDatabase() => _server?.NewDatabase() ?? throw new InvalidOperationException(PostgreSqlServer.Missing);

    public void Dispose() => _server?.Dispose();
}
