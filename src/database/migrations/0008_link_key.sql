-- The secret that signs links which need no table of their own: to prepared downloads, and to feeds. One row; all servers of this
-- database have the same, so that a link which one of them gave is good on the others.
create table accounts.link_key (
  one boolean primary key default true check (one),
  key bytea not null check (octet_length(key) = 32)
);
