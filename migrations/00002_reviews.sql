-- +goose Up

CREATE TABLE reviews (
    request         BIGINT  NOT NULL REFERENCES requests (id),
    position        BIGINT  NOT NULL CHECK (position > 0), -- 1 is the first vote on this request
    person_tid      TEXT    NOT NULL,
    person_oid      TEXT    NOT NULL,
    person_name     TEXT    NOT NULL,
    person_username TEXT    NOT NULL,
    stage           TEXT    NOT NULL CHECK (stage IN ('member', 'owner', 'security', 'admin', 'auditor')),
    vote            TEXT    NOT NULL CHECK (vote IN ('approve', 'reject', 'changes')),
    reason          TEXT    NOT NULL,
    digest          TEXT    NOT NULL,
    at              BIGINT  NOT NULL,
    void            BOOLEAN NOT NULL,
    PRIMARY KEY (request, position)
);

-- One vote per person per request; votes on an older plan are void.
CREATE UNIQUE INDEX reviews_one_vote ON reviews (request, person_tid, person_oid) WHERE NOT void;
