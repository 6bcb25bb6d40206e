-- What ended because its time came, and is still to go from a cluster.

-- +goose Up

ALTER TABLE requests ADD COLUMN end_commit TEXT NOT NULL DEFAULT ''; -- empty unless its time came
ALTER TABLE requests ADD COLUMN lingers BOOLEAN NOT NULL DEFAULT FALSE; -- until Argo CD says that it is gone

-- Few linger at any time, of all that ever ended.
CREATE INDEX requests_lingering ON requests (id) WHERE lingers;
