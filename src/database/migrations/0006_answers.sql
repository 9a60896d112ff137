-- Answers to requests with an Idempotency-Key, to be given again. `status` is null while the request is under way, and stays so
-- when the server ended before it answered.
create schema requests;

create table requests.answers (
  user_id integer not null references accounts.users on delete cascade,
  key text not null,
  -- SHA-256 of the method, the path, the query and the body
  fingerprint text not null,
  status integer,
  headers jsonb,
  body text,
  at timestamptz not null,
  primary key (user_id, key)
);
create index answers_at on requests.answers (at);
