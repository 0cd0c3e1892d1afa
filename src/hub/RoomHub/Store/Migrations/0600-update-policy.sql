-- When the devices of an organisation take new versions; without a row they take the newest at once.
CREATE TABLE update_policy (
    organisation {bytes} NOT NULL,
    -- 0 the newest at once, 1 the newest at the times below, 2 none
    cadence {int} NOT NULL,
    -- One bit a day, Sunday being 1
    days {int} NOT NULL,
    -- Minutes since midnight, by the clock of the room
    from_minute {int} NOT NULL,
    until_minute {int} NOT NULL,
    PRIMARY KEY (organisation)
){strict};
