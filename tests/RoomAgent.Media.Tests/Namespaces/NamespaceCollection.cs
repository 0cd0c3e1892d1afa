namespace RoomAgent.Media.Tests.Namespaces;

/// <summary>Tests that start whole hosts run one after the other: each wants both cores.</summary>
[CollectionDefinition(nameof(NamespaceCollection))]
public sealed class NamespaceCollection;
