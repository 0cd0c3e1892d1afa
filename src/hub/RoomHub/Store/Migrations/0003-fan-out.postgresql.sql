-- What each hub hears of the others.

CREATE PUBLICATION roomhub_log FOR TABLE meeting_entry WITH (publish = 'insert');
