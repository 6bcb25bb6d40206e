-- What people have begun to type and not sent yet: one form of a kind for each.

-- +goose Up

CREATE TABLE drafts (
    person_tid  TEXT   NOT NULL,
    person_oid  TEXT   NOT NULL,
    kind        TEXT   NOT NULL CHECK (kind IN (
        'tenant', 'namespace', 'quota', 'network', 'access', 'exemption', 'removal', 'policy')),
    values_json TEXT   NOT NULL,
    saved_at    BIGINT NOT NULL, -- microseconds since 1970 UTC
    PRIMARY KEY (person_tid, person_oid, kind)
);

CREATE INDEX drafts_by_age ON drafts (saved_at);
