namespace RoomAgent.Hub.Tests;

/// <summary>Files in the manner of the programs that are named: their zones, their properties, their way of folding lines.</summary>
internal static class Samples
{
    /// <summary>An invitation of Outlook: a Windows name of a zone with rules since 1601, properties of its own, two rooms in the place.</summary>
    public const string Outlook =
        """
        BEGIN:VCALENDAR
        PRODID:-//Microsoft Corporation//Outlook 16.0 MIMEDIR//EN
        VERSION:2.0
        METHOD:REQUEST
        X-MS-OLK-FORCEINSPECTOROPEN:TRUE
        BEGIN:VTIMEZONE
        TZID:W. Europe Standard Time
        BEGIN:STANDARD
        DTSTART:16011028T030000
        RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10
        TZOFFSETFROM:+0200
        TZOFFSETTO:+0100
        END:STANDARD
        BEGIN:DAYLIGHT
        DTSTART:16010325T020000
        RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3
        TZOFFSETFROM:+0100
        TZOFFSETTO:+0200
        END:DAYLIGHT
        END:VTIMEZONE
        BEGIN:VEVENT
        ATTENDEE;CN="Room 1";CUTYPE=ROOM;ROLE=NON-PARTICIPANT;RSVP=TRUE:mailto:Room1@Example.org
        ATTENDEE;CN=Bob;RSVP=TRUE:mailto:bob@example.org
        ATTENDEE;CN=Carol;PARTSTAT=DECLINED:mailto:carol@example.org
        CLASS:PUBLIC
        CREATED:20261120T101112Z
        DESCRIPTION:Hello\,\n\nthis is the description of a meeting\, which is long en
        	ough to be folded.\n
        DTEND;TZID="W. Europe Standard Time":20261201T101500
        DTSTAMP:20261120T101112Z
        DTSTART;TZID="W. Europe Standard Time":20261201T093000
        LAST-MODIFIED:20261120T101112Z
        LOCATION:Room 1\; Room 2
        ORGANIZER;CN="Ada Example":mailto:ada@example.org
        PRIORITY:5
        RRULE:FREQ=WEEKLY;UNTIL=20270302T083000Z;INTERVAL=1;BYDAY=TU;WKST=MO
        SEQUENCE:0
        SUMMARY;LANGUAGE=en-us:Planning\; next quarter
        TRANSP:OPAQUE
        UID:040000008200E00074C5B7101A82E0080000000010A1B2C3D4E5DA01000000000000000
        	010000000A1B2C3D4E5F60718293A4B5C6D7E8F90
        X-MICROSOFT-CDO-BUSYSTATUS:BUSY
        X-MICROSOFT-DISALLOW-COUNTER:FALSE
        BEGIN:VALARM
        TRIGGER:-PT15M
        ACTION:DISPLAY
        DESCRIPTION:Reminder
        END:VALARM
        END:VEVENT
        END:VCALENDAR

        """;

    /// <summary>A calendar that Google publishes: an IANA zone, one occurrence at another time, one that is left out, a whole day.</summary>
    public const string Google =
        """
        BEGIN:VCALENDAR
        PRODID:-//Google Inc//Google Calendar 70.9054//EN
        VERSION:2.0
        CALSCALE:GREGORIAN
        METHOD:PUBLISH
        X-WR-CALNAME:Room 1
        X-WR-TIMEZONE:Europe/Paris
        BEGIN:VTIMEZONE
        TZID:America/New_York
        X-LIC-LOCATION:America/New_York
        BEGIN:DAYLIGHT
        TZOFFSETFROM:-0500
        TZOFFSETTO:-0400
        TZNAME:EDT
        DTSTART:19700308T020000
        RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=2SU
        END:DAYLIGHT
        BEGIN:STANDARD
        TZOFFSETFROM:-0400
        TZOFFSETTO:-0500
        TZNAME:EST
        DTSTART:19701101T020000
        RRULE:FREQ=YEARLY;BYMONTH=11;BYDAY=1SU
        END:STANDARD
        END:VTIMEZONE
        BEGIN:VEVENT
        DTSTART;TZID=America/New_York:20261201T100000
        DTEND;TZID=America/New_York:20261201T110000
        RRULE:FREQ=WEEKLY;BYDAY=TU
        EXDATE;TZID=America/New_York:20261215T100000
        DTSTAMP:20261124T120000Z
        ORGANIZER;CN=Ada:mailto:ada@example.org
        UID:4f0q7abcdefghij@google.com
        ATTENDEE;CUTYPE=RESOURCE;ROLE=REQ-PARTICIPANT;PARTSTAT=ACCEPTED;CN=Room 1;X-NUM-GUESTS=0:mailto:c_1880abc@resource.calendar.google.com
        ATTENDEE;CUTYPE=INDIVIDUAL;ROLE=REQ-PARTICIPANT;PARTSTAT=NEEDS-ACTION;CN=bob@example.org;X-NUM-GUESTS=0:mailto:bob@example.org
        CREATED:20261124T110000Z
        LAST-MODIFIED:20261124T120000Z
        SEQUENCE:0
        STATUS:CONFIRMED
        SUMMARY:Stand-up
        END:VEVENT
        BEGIN:VEVENT
        DTSTART;TZID=America/New_York:20261208T143000
        DTEND;TZID=America/New_York:20261208T153000
        DTSTAMP:20261124T120000Z
        UID:4f0q7abcdefghij@google.com
        RECURRENCE-ID:20261208T150000Z
        SEQUENCE:1
        STATUS:CONFIRMED
        SUMMARY:Stand-up\, later
        ATTENDEE;CUTYPE=RESOURCE;CN=Room 1:mailto:c_1880abc@resource.calendar.google.com
        END:VEVENT
        BEGIN:VEVENT
        DTSTART;VALUE=DATE:20261224
        DTEND;VALUE=DATE:20261227
        DTSTAMP:20261124T120000Z
        UID:holiday@google.com
        LOCATION:Room 1
        SUMMARY:Closed
        END:VEVENT
        END:VCALENDAR

        """;

    /// <summary>A file of Thunderbird: the zone's name behind a prefix, a duration, letters beyond ASCII that are folded.</summary>
    public const string Thunderbird =
        """
        BEGIN:VCALENDAR
        PRODID:-//Mozilla.org/NONSGML Mozilla Calendar V1.1//EN
        VERSION:2.0
        BEGIN:VTIMEZONE
        TZID:/mozilla.org/20050126_1/Europe/Berlin
        X-LIC-LOCATION:Europe/Berlin
        BEGIN:STANDARD
        DTSTART:19701025T030000
        TZOFFSETFROM:+0200
        TZOFFSETTO:+0100
        END:STANDARD
        END:VTIMEZONE
        BEGIN:VEVENT
        CREATED:20261101T100000Z
        DTSTAMP:20261101T100000Z
        UID:7d0f1f0c-0b3c-4a52-9c39-2f0d3a1c9b11
        SUMMARY:Grüße aus Mün
         chen
        DTSTART;TZID=/mozilla.org/20050126_1/Europe/Berlin:20261203T140000
        DURATION:PT1H30M
        LOCATION:Room 1
        X-MOZ-GENERATION:1
        END:VEVENT
        END:VCALENDAR

        """;
}
