-- How far each projection has come. It changes in the same transaction as the rows it speaks of.
CREATE TABLE read.checkpoints (
  name text PRIMARY KEY,
  version integer NOT NULL,
  position text NOT NULL,
  status text NOT NULL CHECK (status IN ('running', 'stopped')),
  error text,
  -- the tables of this version, to drop them when the next one has others
  tables text[] NOT NULL,
  updated_at timestamptz NOT NULL DEFAULT now()
);
