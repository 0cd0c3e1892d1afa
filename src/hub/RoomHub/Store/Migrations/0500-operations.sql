-- Where the hub went, the last one being where it is; and the recovery key of backups, wrapped with the hub's secret.

CREATE TABLE hub_move (
    number {int} NOT NULL,
    address TEXT NOT NULL,
    since {int} NOT NULL,
    PRIMARY KEY (number)
){strict};

CREATE TABLE recovery_key (
    number {int} NOT NULL,
    wrapped {bytes} NOT NULL,
    created_at {int} NOT NULL,
    PRIMARY KEY (number)
){strict};

-- Media nodes that run alone: the certificate that each one has, by its hash. The newest of a name is the one that counts.
CREATE TABLE node_credential (
    name TEXT NOT NULL,
    certificate_hash {bytes} NOT NULL,
    issued_at {int} NOT NULL,
    expires_at {int} NOT NULL,
    revoked_at {int},
    PRIMARY KEY (name)
){strict};

-- Which node has which meeting, until when. Nothing here outlives the meetings.
CREATE TABLE node_place (
    conference {bytes} NOT NULL,
    node TEXT NOT NULL,
    expires_at {int} NOT NULL,
    PRIMARY KEY (conference)
){strict};
