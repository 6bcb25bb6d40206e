-- Requests that reach into another tenant's namespace, whose owners agree in a
-- stage of their own.

-- +goose Up

ALTER TABLE requests ADD COLUMN peer_tenant TEXT NOT NULL DEFAULT ''; -- empty while the request stays within its tenant

CREATE INDEX requests_by_peer ON requests (peer_tenant, id) WHERE peer_tenant <> '';

-- SQLite cannot change a CHECK, so the table is made anew.
CREATE TABLE reviews_with_peers (
    request         BIGINT  NOT NULL REFERENCES requests (id),
    position        BIGINT  NOT NULL CHECK (position > 0), -- 1 is the first vote on this request
    person_tid      TEXT    NOT NULL,
    person_oid      TEXT    NOT NULL,
    person_name     TEXT    NOT NULL,
    person_username TEXT    NOT NULL,
    stage           TEXT    NOT NULL CHECK (stage IN ('member', 'owner', 'peer-owner', 'security', 'admin', 'auditor')),
    vote            TEXT    NOT NULL CHECK (vote IN ('approve', 'reject', 'changes')),
    reason          TEXT    NOT NULL,
    digest          TEXT    NOT NULL,
    at              BIGINT  NOT NULL,
    void            BOOLEAN NOT NULL,
    PRIMARY KEY (request, position)
);

INSERT INTO reviews_with_peers
    (request, position, person_tid, person_oid, person_name, person_username, stage, vote, reason, digest, at, void)
SELECT request, position, person_tid, person_oid, person_name, person_username, stage, vote, reason, digest, at, void FROM reviews;

DROP TABLE reviews;

ALTER TABLE reviews_with_peers RENAME TO reviews;

-- One vote per person per request; votes on an older plan are void.
CREATE UNIQUE INDEX reviews_one_vote ON reviews (request, person_tid, person_oid) WHERE NOT void;
