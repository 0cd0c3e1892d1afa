-- Which hub has the desk of a meeting. Nothing here outlives the hubs.

CREATE TABLE meeting_home (
    meeting_id {bytes} NOT NULL,
    instance {bytes} NOT NULL,
    hub {bytes} NOT NULL REFERENCES hub (hub) ON DELETE CASCADE,
    PRIMARY KEY (meeting_id, instance)
){strict};

CREATE INDEX meeting_home_hub ON meeting_home (hub);
