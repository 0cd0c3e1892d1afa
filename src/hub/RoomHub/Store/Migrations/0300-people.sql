-- Organisations and the people in them. Passwords are slow hashes; secrets of invitations and sessions are hashed with a key that is not here.

CREATE TABLE organisation (
    organisation {bytes} NOT NULL,
    name TEXT NOT NULL,
    created_at {int} NOT NULL,
    PRIMARY KEY (organisation)
){strict};

CREATE TABLE person (
    person {bytes} NOT NULL,
    organisation {bytes} NOT NULL REFERENCES organisation (organisation),
    mailbox TEXT NOT NULL,
    name TEXT NOT NULL,
    role TEXT NOT NULL,
    password TEXT NOT NULL,
    created_at {int} NOT NULL,
    disabled_at {int},
    PRIMARY KEY (person),
    -- A certificate says the mailbox and nothing else, so it is one person's on the whole hub.
    UNIQUE (mailbox)
){strict};

CREATE INDEX person_organisation ON person (organisation, created_at);

CREATE TABLE invitation (
    hash {bytes} NOT NULL,
    id {bytes} NOT NULL,
    organisation {bytes} NOT NULL REFERENCES organisation (organisation),
    -- Whose new password it is for, or whom it invites. Neither: whoever has the console.
    person {bytes} REFERENCES person (person) ON DELETE CASCADE,
    mailbox TEXT,
    name TEXT NOT NULL,
    role TEXT NOT NULL,
    made_by TEXT NOT NULL,
    made_at {int} NOT NULL,
    expires_at {int} NOT NULL,
    PRIMARY KEY (hash),
    UNIQUE (id)
){strict};

CREATE INDEX invitation_organisation ON invitation (organisation, made_at);

CREATE TABLE person_session (
    hash {bytes} NOT NULL,
    id {bytes} NOT NULL,
    person {bytes} NOT NULL REFERENCES person (person) ON DELETE CASCADE,
    created_at {int} NOT NULL,
    seen_at {int} NOT NULL,
    PRIMARY KEY (hash),
    UNIQUE (id)
){strict};

CREATE INDEX person_session_person ON person_session (person, created_at);

-- What the tokens of forms are made with, wrapped.
CREATE TABLE form_key (
    id TEXT NOT NULL,
    created_at {int} NOT NULL,
    element TEXT NOT NULL,
    PRIMARY KEY (id)
){strict};

-- Whom an administrator did something to.
ALTER TABLE access_event ADD COLUMN person {bytes};
