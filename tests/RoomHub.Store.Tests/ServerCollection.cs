namespace RoomAgent.Hub.Store.Tests;

/// <summary>Tests that share one server; each makes a database of its own in it.</summary>
[CollectionDefinition]
public sealed class ServerCollection : ICollectionFixture<PostgreSqlServer>;
