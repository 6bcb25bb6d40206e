-- Those who asked are told before what they were given ends.

-- +goose Up

ALTER TABLE requests ADD COLUMN reminded INTEGER NOT NULL DEFAULT 0; -- the last reminder, in days before the end; 0 for none
