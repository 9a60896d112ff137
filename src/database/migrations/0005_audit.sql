-- Who took what, and who came in or tried to. Not events: these are personal data, which must be erasable. When an account goes,
-- its downloads stay as downloads by nobody in particular, and its sign-ins go with it.
create schema audit;

create table audit.downloads (
  id bigint generated always as identity primary key,
  product_id integer not null,
  part text not null check (part in ('everything', 'main_file', 'file', 'original', 'shown', 'history')),
  -- null: several files
  file_id integer,
  file_name text not null,
  -- null: not to be named, or the account is gone
  user_id integer references accounts.users on delete set null,
  via text not null check (via in ('page', 'api')),
  at timestamptz not null
);
create index downloads_product on audit.downloads (product_id, id);
create index downloads_user on audit.downloads (user_id, id);
create index downloads_at on audit.downloads (at);

create table audit.access (
  id bigint generated always as identity primary key,
  act text not null check (act in ('sign_in', 'sign_in_failed', 'sign_in_throttled', 'password_changed', 'password_set')),
  -- whose account; null: none has the name that was typed, which is not kept: it may be a password
  user_id integer references accounts.users on delete cascade,
  -- who did it, when it was not that person
  by_id integer references accounts.users on delete set null,
  address text,
  via text not null check (via in ('page', 'api')),
  at timestamptz not null
);
create index access_user on audit.access (user_id, id);
create index access_by on audit.access (by_id);
create index access_at on audit.access (at);
