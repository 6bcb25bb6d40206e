-- Requests, and the counter that numbers them.
--
-- These files run unchanged on SQLite and on PostgreSQL. Instants are BIGINT
-- microseconds since 1970-01-01 UTC; documents are JSON as TEXT. There is no
-- way back down: a tool must not be able to drop what people decided.

-- +goose Up

-- A number drawn in a transaction that rolls back is given again: request
-- numbers have no gaps, which sequences and AUTOINCREMENT do not promise.
CREATE TABLE counters (
    name  TEXT   NOT NULL PRIMARY KEY,
    value BIGINT NOT NULL
);

INSERT INTO counters (name, value) VALUES ('request', 0);

CREATE TABLE requests (
    id                 BIGINT NOT NULL PRIMARY KEY CHECK (id > 0),
    version            BIGINT NOT NULL CHECK (version > 0),
    kind               TEXT   NOT NULL CHECK (kind IN (
        'tenant', 'namespace', 'quota', 'network', 'access', 'exemption', 'removal', 'policy')),
    tenant             TEXT   NOT NULL,
    state              TEXT   NOT NULL CHECK (state IN (
        'draft', 'in-review', 'changes-requested', 'approved', 'committed', 'active',
        'failed', 'ended', 'rejected', 'withdrawn', 'lapsed')),
    requester_tid      TEXT   NOT NULL,
    requester_oid      TEXT   NOT NULL,
    requester_name     TEXT   NOT NULL,
    requester_username TEXT   NOT NULL,
    change_json        TEXT   NOT NULL,
    plan_json          TEXT   NOT NULL,
    attempt_json       TEXT,
    commit_id          TEXT   NOT NULL,
    reason             TEXT   NOT NULL,
    created_at         BIGINT NOT NULL,
    updated_at         BIGINT NOT NULL
);

-- Every list is read newest first, which is by falling id.
CREATE INDEX requests_by_tenant ON requests (tenant, id);
CREATE INDEX requests_by_state ON requests (state, id);
CREATE INDEX requests_by_requester ON requests (requester_tid, requester_oid, id);
