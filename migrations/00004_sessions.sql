-- +goose Up

CREATE TABLE sessions (
    token_sha256 TEXT   NOT NULL PRIMARY KEY, -- 64 hex digits; the token itself is only in the browser
    data         BYTEA  NOT NULL,             -- SQLite knows no BYTEA and keeps the bytes as they are
    expires_at   BIGINT NOT NULL
);

CREATE INDEX sessions_by_expiry ON sessions (expires_at);
