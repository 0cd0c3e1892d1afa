using System.Diagnostics.Metrics;
using System.Text;

namespace RoomAgent.Hub.Operations;

/// <summary>Adds up what instruments measure: all of ours (<see cref="HubMeter"/>), and of the platform's those that are named here, with the labels that are named here.</summary>
internal sealed class Metrics : IDisposable
{
    // What more labels there are is no news, but a mistake or an attack; memory does not grow with it.
    private const int MostSeries = 500;

    private static readonly double[] s_bounds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

    // The platform's labels tell addresses and ports too; what is not named is added up.
    private static readonly Dictionary<string, string[]> s_ofPlatform = new()
    {
        ["http.server.request.duration"] = ["http.request.method", "http.route", "http.response.status_code"],
        ["http.server.active_requests"] = [],
        ["kestrel.active_connections"] = [],
        ["kestrel.upgraded_connections"] = [],
        ["kestrel.rejected_connections"] = [],
        ["kestrel.active_tls_handshakes"] = [],
        ["kestrel.tls_handshake.duration"] = ["tls.protocol.version"],
        ["dotnet.process.cpu.time"] = ["cpu.mode"],
        ["dotnet.process.memory.working_set"] = [],
        ["dotnet.gc.collections"] = ["gc.heap.generation"],
        ["dotnet.gc.pause.time"] = [],
        ["dotnet.gc.heap.total_allocated"] = [],
        ["dotnet.gc.last_collection.memory.committed_size"] = [],
        ["dotnet.thread_pool.thread.count"] = [],
        ["dotnet.thread_pool.queue.length"] = [],
        ["dotnet.exceptions"] = ["error.type"],
    };

    // What the platform counts as if it only ever rose.
    private static readonly string[] s_falling = ["dotnet.thread_pool.thread.count", "dotnet.thread_pool.queue.length"];

    private readonly Lock _turn = new();
    private readonly MeterListener _listener = new();
    private readonly SortedDictionary<string, MetricFamily> _families = new(StringComparer.Ordinal);
    private readonly IMeterFactory _scope;
    private readonly ILogger<Metrics> _log;
    private long _refused;

    /// <summary>Begins to listen.</summary>
    /// <param name="meters">Whose meters are this hub's, and not another's in the same process.</param>
    /// <param name="log">Where failures are told.</param>
    public Metrics(IMeterFactory meters, ILogger<Metrics> log)
    {
        _scope = meters;
        _log = log;
        _listener.InstrumentPublished = Publish;
        _listener.SetMeasurementEventCallback<double>((instrument, value, tags, state) => Record(instrument, value, tags, state));
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, state) => Record(instrument, value, tags, state));
        _listener.SetMeasurementEventCallback<int>((instrument, value, tags, state) => Record(instrument, value, tags, state));
        _listener.Start();
    }

    /// <summary>All that was measured until now, as text.</summary>
    public string Collect()
    {
        lock (_turn)
        {
            foreach (MetricFamily family in _families.Values)
                family.Forget();
            try
            {
                _listener.RecordObservableInstruments();
            }
            catch (AggregateException problem)
            {
                OperationsLog.NotMeasured(_log, problem);
            }

            var refused = new MetricFamily("roomhub_metrics_refused_series", MetricKind.Counter, null, "Measurements that were left out because their instrument has too many label values.", [], isObserved: false);
            refused.Record("", _refused);
            return OpenMetrics.Write([.. _families.Values, refused]);
        }
    }

    /// <summary>Listens no more.</summary>
    public void Dispose() => _listener.Dispose();

    private void Publish(Instrument instrument, MeterListener listener)
    {
        bool isThisHubs = instrument.Meter.Scope is null || ReferenceEquals(instrument.Meter.Scope, _scope);
        if (!isThisHubs || !(IsOurs(instrument) || s_ofPlatform.ContainsKey(instrument.Name)))
            return;

        string name = OpenMetrics.NameOf(instrument.Name, instrument.Unit);
        lock (_turn)
        {
            if (!_families.TryGetValue(name, out MetricFamily? family))
                _families.Add(name, family = new MetricFamily(name, KindOf(instrument), OpenMetrics.UnitOf(instrument.Unit), instrument.Description ?? "", BoundsOf(instrument), instrument.IsObservable));
            listener.EnableMeasurementEvents(instrument, family);
        }
    }

    private void Record(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags, object? state)
    {
        string labels = LabelsOf(tags, IsOurs(instrument) ? null : s_ofPlatform[instrument.Name]);
        var family = (MetricFamily)state!;
        lock (_turn)
        {
            if (family.Series.Count >= MostSeries && !family.Series.ContainsKey(labels))
                _refused++;
            else
                family.Record(labels, value);
        }
    }

    private static bool IsOurs(Instrument instrument) => instrument.Meter.Name == HubMeter.Name;

    private static string LabelsOf(ReadOnlySpan<KeyValuePair<string, object?>> tags, string[]? wanted)
    {
        if (tags.IsEmpty || wanted is [])
            return "";

        var labels = new StringBuilder();
        foreach ((string name, object? value) in tags)
        {
            if (value is null || (wanted is not null && !wanted.Contains(name)))
                continue;
            labels.Append(labels.Length > 0 ? "," : "");
            OpenMetrics.AppendLabel(labels, name, Convert.ToString(value, System.Globalization.CultureInfo.InvariantCulture)!);
        }

        return labels.ToString();
    }

    private static double[] BoundsOf(Instrument instrument) => instrument switch
    {
        Histogram<double> { Advice.HistogramBucketBoundaries: { } bounds } => [.. bounds],
        Histogram<long> { Advice.HistogramBucketBoundaries: { } bounds } => [.. bounds.Select(bound => (double)bound)],
        _ => s_bounds,
    };

    private static MetricKind KindOf(Instrument instrument)
    {
        Type type = instrument.GetType().GetGenericTypeDefinition();
        if (type == typeof(Histogram<>))
            return MetricKind.Histogram;
        if (s_falling.Contains(instrument.Name))
            return MetricKind.Gauge;
        return type == typeof(Counter<>) || type == typeof(ObservableCounter<>) ? MetricKind.Counter : MetricKind.Gauge;
    }
}

/// <summary>What a family of series is.</summary>
internal enum MetricKind
{
    Counter,
    Gauge,
    Histogram,
}

/// <summary>All series of one name.</summary>
internal sealed class MetricFamily(string name, MetricKind kind, string? unit, string help, double[] bounds, bool isObserved)
{
    public string Name => name;

    public MetricKind Kind => kind;

    public string? Unit => unit;

    public string Help => help;

    public double[] Bounds => bounds;

    public Dictionary<string, MetricSeries> Series { get; } = new(StringComparer.Ordinal);

    /// <summary>Adds a measurement. What labels no longer tell apart is added up, for gauges too: an up-down counter tells changes, and an observed one was forgotten before.</summary>
    public void Record(string labels, double value)
    {
        if (!Series.TryGetValue(labels, out MetricSeries? series))
            Series.Add(labels, series = new MetricSeries(kind == MetricKind.Histogram ? bounds.Length : 0));

        series.Value += value;
        series.Count++;
        for (int i = 0; i < series.Buckets.Length; i++)
        {
            if (value <= bounds[i])
                series.Buckets[i]++;
        }
    }

    /// <summary>What is observed is told as it is at each collection.</summary>
    public void Forget()
    {
        if (isObserved)
            Series.Clear();
    }
}

/// <summary>One series; in a histogram <see cref="Buckets"/> add up, as they are told.</summary>
internal sealed class MetricSeries(int buckets)
{
    public double Value { get; set; }

    public long Count { get; set; }

    public long[] Buckets { get; } = new long[buckets];
}
