-- What Argo CD had synced when a request became active.

-- +goose Up

ALTER TABLE requests ADD COLUMN revision TEXT NOT NULL DEFAULT ''; -- empty until then
