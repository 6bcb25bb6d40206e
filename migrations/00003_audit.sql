-- The audit trail: one hash chain over all requests.

-- +goose Up

-- The references give the chain its shape in the database too: no fork, no
-- second first entry, and no entry can go while another one rests on it.
CREATE TABLE events (
    sequence    BIGINT NOT NULL PRIMARY KEY CHECK (sequence > 0),
    request     BIGINT REFERENCES requests (id), -- NULL when it is about no request
    type        TEXT   NOT NULL CHECK (type <> ''),
    at          BIGINT NOT NULL,
    by_tid      TEXT   NOT NULL, -- empty when Tenure itself acted
    by_oid      TEXT   NOT NULL,
    by_name     TEXT   NOT NULL,
    by_username TEXT   NOT NULL,
    from_state  TEXT   NOT NULL CHECK (from_state IN (
        '', 'draft', 'in-review', 'changes-requested', 'approved', 'committed', 'active',
        'failed', 'ended', 'rejected', 'withdrawn', 'lapsed')),
    to_state    TEXT   NOT NULL CHECK (to_state IN (
        '', 'draft', 'in-review', 'changes-requested', 'approved', 'committed', 'active',
        'failed', 'ended', 'rejected', 'withdrawn', 'lapsed')),
    detail      TEXT   NOT NULL,
    digest      TEXT   NOT NULL,
    commit_id   TEXT   NOT NULL,
    previous    TEXT   UNIQUE REFERENCES events (hash), -- NULL for the first entry only
    hash        TEXT   NOT NULL UNIQUE,
    CHECK ((sequence = 1) = (previous IS NULL))
);

CREATE INDEX events_by_request ON events (request, sequence);

-- The one row that a writer locks before it appends, so that the chain has one
-- end; it also shows when the newest entries have been cut off.
CREATE TABLE audit_head (
    id       BIGINT NOT NULL PRIMARY KEY CHECK (id = 1),
    sequence BIGINT NOT NULL,
    hash     TEXT   REFERENCES events (hash), -- NULL while the trail is empty
    CHECK ((sequence = 0) = (hash IS NULL))
);

INSERT INTO audit_head (id, sequence, hash) VALUES (1, 0, NULL);
