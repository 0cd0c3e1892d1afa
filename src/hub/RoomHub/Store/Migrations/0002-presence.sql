-- Which hubs live, and who is connected to which. Nothing here outlives the hubs.

CREATE TABLE hub (
    hub {bytes} NOT NULL,
    address TEXT NOT NULL,
    beat {int} NOT NULL,
    PRIMARY KEY (hub)
){strict};

CREATE TABLE hub_connection (
    connection {bytes} NOT NULL,
    hub {bytes} NOT NULL REFERENCES hub (hub) ON DELETE CASCADE,
    subject TEXT NOT NULL,
    since {int} NOT NULL,
    PRIMARY KEY (connection)
){strict};

CREATE INDEX hub_connection_subject ON hub_connection (subject);
CREATE INDEX hub_connection_hub ON hub_connection (hub);
