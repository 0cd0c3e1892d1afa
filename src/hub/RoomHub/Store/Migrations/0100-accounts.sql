-- Pairing, machine accounts, the hub's own keys. No secret stands here in clear: keys are wrapped, codes hashed with a key, tokens not kept at all.

CREATE TABLE hub_key (
    purpose TEXT NOT NULL,
    number {int} NOT NULL,
    id TEXT NOT NULL,
    created_at {int} NOT NULL,
    wrapped {bytes} NOT NULL,
    certificate {bytes},
    PRIMARY KEY (purpose, number),
    UNIQUE (purpose, id)
){strict};

CREATE TABLE machine_account (
    device {bytes} NOT NULL,
    organisation {bytes} NOT NULL,
    organisation_name TEXT NOT NULL,
    name TEXT NOT NULL,
    serial TEXT NOT NULL,
    model TEXT NOT NULL,
    software TEXT NOT NULL,
    dns_name TEXT NOT NULL,
    device_key {bytes} NOT NULL,
    thumbprint {bytes} NOT NULL,
    created_at {int} NOT NULL,
    -- Why it is over, once it is.
    ended_at {int},
    ended_by TEXT,
    -- The refresh tokens by number: the one that was used last, the successors it was given (one, or more when answers were lost), the end of all.
    family {bytes} NOT NULL,
    used {int} NOT NULL,
    oldest {int} NOT NULL,
    newest {int} NOT NULL,
    expires_at {int} NOT NULL,
    PRIMARY KEY (device),
    UNIQUE (dns_name)
){strict};

CREATE INDEX machine_account_organisation ON machine_account (organisation, created_at);
CREATE INDEX machine_account_thumbprint ON machine_account (thumbprint);

-- The right to register one device: an activation code, or a code on a display that an administrator entered.
CREATE TABLE pairing_right (
    hash {bytes} NOT NULL,
    id {bytes} NOT NULL,
    organisation {bytes} NOT NULL,
    organisation_name TEXT NOT NULL,
    device_name TEXT NOT NULL,
    made_by TEXT NOT NULL,
    made_at {int} NOT NULL,
    expires_at {int} NOT NULL,
    is_code {int} NOT NULL,
    -- The key that it was given to, or that has used it.
    thumbprint {bytes},
    used_at {int},
    device {bytes},
    PRIMARY KEY (hash),
    UNIQUE (id)
){strict};

CREATE INDEX pairing_right_organisation ON pairing_right (organisation, made_at);

CREATE TABLE device_grant (
    device_code {bytes} NOT NULL,
    user_code {bytes} NOT NULL,
    thumbprint {bytes} NOT NULL,
    nonce {bytes} NOT NULL,
    serial TEXT NOT NULL,
    model TEXT NOT NULL,
    expires_at {int} NOT NULL,
    pause {int} NOT NULL,
    polled_at {int},
    -- 0 nobody has decided, 1 approved, 2 denied
    decision {int} NOT NULL,
    organisation_name TEXT,
    PRIMARY KEY (device_code),
    UNIQUE (user_code)
){strict};

CREATE TABLE token_policy (
    organisation {bytes} NOT NULL,
    client_class TEXT NOT NULL,
    access_seconds {int} NOT NULL,
    refresh_seconds {int} NOT NULL,
    auto_extend {int} NOT NULL,
    PRIMARY KEY (organisation, client_class)
){strict};

CREATE TABLE access_event (
    id {bytes} NOT NULL,
    organisation {bytes} NOT NULL,
    device {bytes},
    at {int} NOT NULL,
    kind TEXT NOT NULL,
    actor TEXT NOT NULL,
    PRIMARY KEY (id)
){strict};

CREATE INDEX access_event_organisation ON access_event (organisation, at);
