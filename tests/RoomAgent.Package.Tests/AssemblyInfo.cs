using RoomAgent.Package.Tests;

[assembly: AssemblyFixture(typeof(Packages))]

// A booted Debian and a build at the same time would make each other late, and these tests measure lateness.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
