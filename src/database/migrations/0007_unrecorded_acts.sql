-- Acts on accounts that the event log has yet to tell of: written with the act itself, in one transaction, and deleted when they are
-- in the log. `number` is the order of the acts.
create table accounts.unrecorded_acts (
  number integer primary key generated always as identity,
  stream text not null,
  -- ids of the events are made of it: an act that is written to the log twice is there once
  command_id uuid not null,
  correlation_id text not null,
  by_id integer not null,
  by_username text not null,
  at timestamptz not null,
  -- [{type, data}]
  events jsonb not null
);
