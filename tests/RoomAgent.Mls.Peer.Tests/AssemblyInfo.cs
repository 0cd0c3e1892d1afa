using RoomAgent.Mls.Peer.Tests;

[assembly: AssemblyFixture(typeof(TsMls))]

// They all talk to one process, one line at a time.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
[assembly: Trait("Category", "Peer")]
