-- Rooms, meetings with their occurrences, calendars that are polled, links for guests, authorities from outside.

CREATE TABLE room (
    room {bytes} NOT NULL,
    organisation {bytes} NOT NULL,
    name TEXT NOT NULL,
    -- The name as two are compared: in lower case.
    name_key TEXT NOT NULL,
    zone TEXT NOT NULL,
    -- Where calendars of others invite it.
    mailbox TEXT,
    -- The machine account of what stands in it.
    device {bytes},
    -- A personal room: whose it is, its lasting address, and its present occurrence, which is made when somebody comes.
    owner TEXT,
    address TEXT,
    instance {bytes},
    instance_at {int},
    made_at {int} NOT NULL,
    PRIMARY KEY (room),
    UNIQUE (organisation, name_key),
    UNIQUE (organisation, mailbox),
    UNIQUE (device),
    UNIQUE (address)
){strict};

-- A meeting as it was planned. The body is our own JSON; everything that is searched for stands beside it.
CREATE TABLE calendar_meeting (
    meeting {bytes} NOT NULL,
    organisation {bytes} NOT NULL,
    -- The calendar that it comes from; nothing when it was made here or uploaded.
    source {bytes} NOT NULL,
    uid TEXT NOT NULL,
    sequence {int} NOT NULL,
    stamp {int} NOT NULL,
    -- Rises with each change, so that nobody overwrites what they have not seen.
    version {int} NOT NULL,
    body TEXT NOT NULL,
    -- Until when its occurrences are there; NULL when there are no more to come.
    rolled_until {int},
    made_at {int} NOT NULL,
    changed_at {int} NOT NULL,
    PRIMARY KEY (meeting),
    UNIQUE (organisation, source, uid)
){strict};

CREATE INDEX calendar_meeting_organisation ON calendar_meeting (organisation, meeting);
CREATE INDEX calendar_meeting_rolled ON calendar_meeting (rolled_until);

CREATE TABLE calendar_occurrence (
    meeting {bytes} NOT NULL REFERENCES calendar_meeting (meeting) ON DELETE CASCADE,
    -- The local time at which the rule has it, in seconds since 1970; -1 for the one occurrence of a meeting without a rule.
    original {int} NOT NULL,
    instance {bytes} NOT NULL,
    starts_at {int} NOT NULL,
    ends_at {int} NOT NULL,
    PRIMARY KEY (meeting, original)
){strict};

CREATE INDEX calendar_occurrence_end ON calendar_occurrence (ends_at);

-- Which room is in which occurrence.
CREATE TABLE calendar_place (
    room {bytes} NOT NULL,
    ends_at {int} NOT NULL,
    meeting {bytes} NOT NULL,
    original {int} NOT NULL,
    PRIMARY KEY (room, ends_at, meeting, original),
    FOREIGN KEY (meeting, original) REFERENCES calendar_occurrence (meeting, original) ON DELETE CASCADE
){strict};

CREATE INDEX calendar_place_occurrence ON calendar_place (meeting, original);

CREATE TABLE calendar_feed (
    feed {bytes} NOT NULL,
    organisation {bytes} NOT NULL,
    address TEXT NOT NULL,
    zone TEXT NOT NULL,
    class {int} NOT NULL,
    -- The room whose calendar it is, if it is one's.
    room {bytes},
    made_at {int} NOT NULL,
    etag TEXT,
    modified TEXT,
    next_at {int} NOT NULL,
    polled_at {int},
    good_at {int},
    -- A word for what went wrong last, and the line of the file where it did; failures in a row.
    fault TEXT,
    fault_line {int},
    failures {int} NOT NULL,
    PRIMARY KEY (feed),
    UNIQUE (organisation, address)
){strict};

CREATE INDEX calendar_feed_next ON calendar_feed (next_at);

-- Which hub does what only one of them is to do.
CREATE TABLE hub_lease (
    name TEXT NOT NULL,
    holder {bytes} NOT NULL,
    until {int} NOT NULL,
    PRIMARY KEY (name)
){strict};

CREATE TABLE guest_link (
    link {bytes} NOT NULL,
    hash {bytes} NOT NULL,
    organisation {bytes} NOT NULL,
    meeting {bytes} NOT NULL REFERENCES calendar_meeting (meeting) ON DELETE CASCADE,
    made_by TEXT NOT NULL,
    made_at {int} NOT NULL,
    expires_at {int} NOT NULL,
    PRIMARY KEY (link),
    UNIQUE (hash)
){strict};

CREATE INDEX guest_link_meeting ON guest_link (meeting);

CREATE TABLE organisation_anchor (
    anchor {bytes} NOT NULL,
    organisation {bytes} NOT NULL,
    label TEXT NOT NULL,
    certificate {bytes} NOT NULL,
    key_hash {bytes} NOT NULL,
    added_at {int} NOT NULL,
    PRIMARY KEY (anchor),
    UNIQUE (organisation, key_hash)
){strict};

-- What a line of the audit log is about, when it is not a device: the id of a room, a meeting and so on.
ALTER TABLE access_event ADD COLUMN about {bytes};
