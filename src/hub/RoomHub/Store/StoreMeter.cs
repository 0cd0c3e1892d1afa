using System.Diagnostics;
using System.Diagnostics.Metrics;
using RoomAgent.Hub.Operations;

namespace RoomAgent.Hub.Store;

/// <summary>What is measured of the database.</summary>
internal static class StoreMeter
{
    private static readonly Histogram<double> s_duration = HubMeter.Meter.CreateHistogram<double>("roomhub.store.duration", "s", "How long the database took for a transaction, attempts included, by what it was and how it ended.");
    private static readonly Counter<long> s_entries = HubMeter.Meter.CreateCounter<long>("roomhub.meeting.entries", "{entry}", "Entries that were to be appended to logs of meetings: appended, or in conflict with another.");

    /// <summary>A transaction came to its end.</summary>
    public static void Done(string operation, long since, StoreFault? fault)
    {
        var tags = new TagList { { "operation", operation }, { "outcome", fault?.ToString() ?? "ok" } };
        s_duration.Record(Stopwatch.GetElapsedTime(since).TotalSeconds, tags);
    }

    /// <summary>It is known which of two entries for an epoch is the one.</summary>
    public static void Decided(bool isAppended) => s_entries.Add(1, new KeyValuePair<string, object?>("outcome", isAppended ? "appended" : "conflict"));
}
