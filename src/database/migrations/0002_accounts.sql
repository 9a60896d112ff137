-- People, their groups, tokens and sessions. Ordinary tables, not events: secrets and personal data must be erasable.
create schema accounts;

create table accounts.users (
  -- 0 is the server itself and has no row
  id integer primary key generated always as identity (start with 1),
  username text not null,
  -- the username without case and compatibility forms: two people must not look alike
  username_key text not null constraint users_username unique,
  password_hash text not null,
  first_name text not null,
  last_name text not null,
  display_name text not null,
  is_admin boolean not null,
  active boolean not null default true,
  created_at timestamptz not null
);

create table accounts.groups (
  id integer primary key generated always as identity,
  name text not null constraint groups_name unique
);

create table accounts.memberships (
  user_id integer not null references accounts.users on delete cascade,
  group_id integer not null references accounts.groups on delete cascade,
  primary key (user_id, group_id)
);

create table accounts.tokens (
  id integer primary key generated always as identity,
  user_id integer not null references accounts.users on delete cascade,
  name text not null,
  -- its first characters, so that people recognise it
  prefix text not null,
  sha256 text not null constraint tokens_sha256 unique,
  scope text not null check (scope in ('read', 'write')),
  created_at timestamptz not null,
  expires_at timestamptz,
  last_used_at timestamptz,
  revoked_at timestamptz
);
create index tokens_user on accounts.tokens (user_id);

create table accounts.sessions (
  sha256 text primary key,
  user_id integer not null references accounts.users on delete cascade,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  last_seen_at timestamptz not null
);
create index sessions_user on accounts.sessions (user_id);
create index sessions_expiry on accounts.sessions (expires_at);
