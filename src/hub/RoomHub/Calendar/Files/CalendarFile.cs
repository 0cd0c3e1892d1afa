namespace RoomAgent.Hub.Calendar.Files;

/// <summary>A file of calendars (RFC 5545), as far as meetings need it. Reading takes time in proportion to its length, and never throws.</summary>
internal sealed class CalendarFile
{
    /// <summary>The most events in a file.</summary>
    public const int MostEvents = 2_000;

    // Of an event's lines so many are looked at; more attendees than a meeting may have are not needed.
    private const int MostLines = 600;
    private const int MostDepth = 6;
    private const int MostProblems = 50;

    private CalendarFile(IReadOnlyList<FileEvent> events, IReadOnlyList<FileProblem> leftOut, int leftOutCount, bool isCancellation)
    {
        Events = events;
        LeftOut = leftOut;
        LeftOutCount = leftOutCount;
        IsCancellation = isCancellation;
    }

    /// <summary>The events that can be understood, in the order of the file.</summary>
    public IReadOnlyList<FileEvent> Events { get; }

    /// <summary>What is wrong with the first of the others.</summary>
    public IReadOnlyList<FileProblem> LeftOut { get; }

    /// <summary>How many others there are.</summary>
    public int LeftOutCount { get; }

    /// <summary>Whether it calls off what stands in it (METHOD:CANCEL, RFC 5546 section 3.2.5).</summary>
    public bool IsCancellation { get; }

    /// <summary>Reads a file.</summary>
    /// <param name="bytes">Any bytes; the caller has bounded their number.</param>
    /// <param name="zone">The zone of times that name none, unless the file says one.</param>
    /// <param name="year">The present year.</param>
    /// <param name="problem">What is wrong with the whole file.</param>
    /// <returns><see langword="null"/> when something is wrong with the whole file. Events that cannot be understood are left out instead.</returns>
    public static CalendarFile? Read(ReadOnlySpan<byte> bytes, string zone, int year, out FileProblem? problem)
    {
        var lines = new ContentLines(bytes);
        var zones = new ZoneTable(zone, year);
        var raw = new List<List<ContentLine>>();
        string? method = null;
        var open = new Stack<string>();
        List<ContentLine> current = [];
        List<ContentLine> part = [];
        List<ZoneTable.Part> parts = [];
        bool isThere = false;

        while (lines.TryRead(out ContentLine? line))
        {
            if (line!.Name == "BEGIN")
            {
                string component = line.Value.Trim().ToUpperInvariant();
                problem = new FileProblem(line.Number, "components are within each other that may not be");
                if (open.Count == MostDepth || (open.Count == 0) != (component == "VCALENDAR"))
                    return null;

                open.Push(component);
                isThere = true;
                if (component is "VEVENT" or "VTIMEZONE" && open.Count == 2)
                    (current, parts) = ([], []);
                if (component is "STANDARD" or "DAYLIGHT")
                    part = [];
                if (component == "VEVENT" && raw.Count == MostEvents)
                {
                    problem = new FileProblem(line.Number, $"there are more than {MostEvents} events");
                    return null;
                }
            }
            else if (line.Name == "END")
            {
                problem = new FileProblem(line.Number, "the end of something that did not begin");
                if (open.Count == 0 || !open.Pop().Equals(line.Value.Trim(), StringComparison.OrdinalIgnoreCase))
                    return null;

                switch (line.Value.Trim().ToUpperInvariant())
                {
                    case "VEVENT" when open.Count == 1:
                        raw.Add(current);
                        break;
                    case "VTIMEZONE" when open.Count == 1:
                        zones.Add(Value(current, "TZID"), Value(current, "X-LIC-LOCATION"), parts);
                        break;
                    case "STANDARD" or "DAYLIGHT" when ZoneTable.Part.Read(Value(part, "DTSTART"), Value(part, "TZOFFSETFROM"), Value(part, "TZOFFSETTO"), Value(part, "RRULE")) is { } read:
                        parts.Add(read);
                        break;
                }
            }
            else if (open.Count == 1)
            {
                if (line.Name == "METHOD")
                    method = line.Value.Trim().ToUpperInvariant();
                else if (line.Name == "X-WR-TIMEZONE" && Zones.Find(line.Value.Trim()) is { } named)
                    zones.Fallback = named;
            }
            else if (open.Count == 2 && current.Count < MostLines)
            {
                current.Add(line);
            }
            else if (open.Count == 3 && part.Count < MostLines)
            {
                part.Add(line);
            }
            else if (open.Count == 0)
            {
                problem = new FileProblem(line.Number, "a calendar begins with BEGIN:VCALENDAR");
                return null;
            }
        }

        problem = lines.Problem ?? (open.Count > 0 || !isThere ? new FileProblem(0, isThere ? "the file ends in the middle" : "there is no calendar in it") : null);
        if (problem is null && method is not (null or "PUBLISH" or "REQUEST" or "ADD" or "CANCEL"))
            problem = new FileProblem(0, "METHOD is PUBLISH, REQUEST, ADD or CANCEL");
        return problem is null ? OfEvents(raw, zones, method == "CANCEL") : null;
    }

    // Only now all zones are known.
    private static CalendarFile OfEvents(List<List<ContentLine>> raw, ZoneTable zones, bool isCancellation)
    {
        var events = new List<FileEvent>(raw.Count);
        var leftOut = new List<FileProblem>();
        int leftOutCount = 0;
        foreach (List<ContentLine> lines in raw)
        {
            if (FileEvent.Read(lines, zones, isCancellation, out FileProblem? problem) is { } read)
            {
                events.Add(read);
                continue;
            }

            leftOutCount++;
            if (leftOut.Count < MostProblems)
                leftOut.Add(problem!);
        }

        return new CalendarFile(events, leftOut, leftOutCount, isCancellation);
    }

    private static string? Value(List<ContentLine> lines, string name) => lines.Find(line => line.Name == name)?.Value.Trim();
}
