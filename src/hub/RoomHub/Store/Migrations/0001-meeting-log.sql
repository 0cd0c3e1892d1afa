-- Meetings and their logs (MEETING section 3). What a body means is the business of the meeting protocol.

CREATE TABLE meeting (
    meeting_id {bytes} NOT NULL,
    instance {bytes} NOT NULL,
    last_seq {int} NOT NULL,
    last_generation {int} NOT NULL,
    floor {int} NOT NULL,
    over_at {int},
    PRIMARY KEY (meeting_id, instance)
){strict};

CREATE TABLE meeting_entry (
    meeting_id {bytes} NOT NULL,
    instance {bytes} NOT NULL,
    seq {int} NOT NULL,
    generation {int} NOT NULL,
    epoch {int} NOT NULL,
    body {bytes} NOT NULL,
    PRIMARY KEY (meeting_id, instance, seq),
    -- The fence: whatever else goes wrong, an epoch never has two winners.
    UNIQUE (meeting_id, instance, generation, epoch)
){strict};

CREATE TABLE meeting_snapshot (
    meeting_id {bytes} NOT NULL,
    instance {bytes} NOT NULL,
    seq {int} NOT NULL,
    body {bytes} NOT NULL,
    PRIMARY KEY (meeting_id, instance)
){strict};
