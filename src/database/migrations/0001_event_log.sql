-- The embedded event log. Appends go through log.append alone; nothing that was recorded ever changes.
create schema log;

-- One row. An append locks it until its commit, so positions become visible in their order and without gaps, whatever
-- number of server processes write.
create table log.head (
  one boolean primary key default true check (one),
  position bigint not null,
  recorded_at timestamptz not null
) with (fillfactor = 10);
insert into log.head (position, recorded_at) values (0, '-infinity');

create table log.streams (
  stream text collate "C" primary key,
  revision bigint not null
) with (fillfactor = 80);

create table log.events (
  position bigint primary key,
  stream text collate "C" not null,
  revision bigint not null,
  id uuid not null,
  type text collate "C" not null,
  data jsonb not null,
  metadata jsonb not null,
  recorded_at timestamptz not null,
  constraint events_revision unique (stream, revision),
  constraint events_id unique (id)
);

create function log.refuse() returns trigger language plpgsql as $$
begin
  raise exception 'The event log is append-only: % on %.% is refused', tg_op, tg_table_schema, tg_table_name
    using errcode = 'restrict_violation';
end $$;

create trigger append_only before update or delete or truncate on log.events
  for each statement execute function log.refuse();
create trigger keep_streams before delete or truncate on log.streams
  for each statement execute function log.refuse();
create trigger keep_head before delete or truncate on log.head
  for each statement execute function log.refuse();

-- Writes a batch of appends, at most one per stream, and gives one verdict for each; a refused one does not touch the rest.
--
-- appends: [{"n": number from 0, "stream": text, "expected": -3 any, -2 exists, -1 no stream, or a revision,
--            "size": events, "first": id of its first event}]
-- events:  [{"n": number of its append, "k": index in its append, "id", "type", "data", "metadata"}] in order of n and k
--
-- verdict: 'written' with the revision and position of the last event, 'repeated' with those of the first time when
-- exactly these ids are already there, 'conflict' with the actual revision (-1 when the stream is empty).
-- An id that was used elsewhere fails the whole batch with unique_violation on events_id.
--
-- The current revision comes from a correlated subselect: a join with log.streams gets a cached plan that scans it.
create function log.append(appends jsonb, events jsonb)
returns table (append_number int, verdict text, last_revision bigint, last_position bigint)
language plpgsql as $$
#variable_conflict use_column
declare
  base bigint;
  moment timestamptz;
  decisions jsonb;
begin
  select h.position, greatest(clock_timestamp(), h.recorded_at) into base, moment from log.head h where h.one for update;

  with asked as materialized (
    select a.n, a.stream, a.expected, a.size, a.first,
           coalesce((select s.revision from log.streams s where s.stream = a.stream), -1) as current
    from jsonb_to_recordset(appends) as a(n int, stream text, expected bigint, size int, first uuid)
  ),
  -- Where the events begin if they are there already. With 'any' and 'exists' only the first id can tell.
  searched as materialized (
    select asked.*,
      case expected when -3 then true when -2 then current >= 0 else current = expected end as fits,
      case
        when current = -1 then null
        when expected < -1 then (
          select e.revision from log.events e
          where e.stream = asked.stream and e.id = asked.first)
        when current > expected then expected + 1
      end as found
    from asked
  ),
  judged as materialized (
    select searched.*,
      case
        when found is not null and size = (
          select count(*) from jsonb_array_elements(events) item
          join log.events e on e.stream = searched.stream
            and e.revision = found + (item ->> 'k')::int and e.id = (item ->> 'id')::uuid
          where (item ->> 'n')::int = searched.n) then 'repeated'
        when fits then 'written'
        else 'conflict'
      end as verdict
    from searched
  ),
  placed as materialized (
    select judged.*, base + coalesce(sum(size) filter (where judged.verdict = 'written') over (order by n), 0) as reached
    from judged
  )
  select jsonb_agg(to_jsonb(placed) order by n) into decisions from placed;

  insert into log.events (position, stream, revision, id, type, data, metadata, recorded_at)
  select d.reached - d.size + 1 + e.k, d.stream, d.current + 1 + e.k, e.id, e.type, e.data, e.metadata, moment
  from jsonb_to_recordset(events) as e(n int, k int, id uuid, type text, data jsonb, metadata jsonb)
  join jsonb_to_recordset(decisions) as d(n int, stream text, size int, current bigint, reached bigint, verdict text)
    on d.n = e.n and d.verdict = 'written';

  insert into log.streams as s (stream, revision)
  select d.stream, d.current + d.size
  from jsonb_to_recordset(decisions) as d(stream text, size int, current bigint, verdict text) where d.verdict = 'written'
  on conflict (stream) do update set revision = excluded.revision;

  update log.head h set position = (decisions -> -1 ->> 'reached')::bigint, recorded_at = moment
  where h.one and h.position < (decisions -> -1 ->> 'reached')::bigint;

  -- Wakes the subscriptions of other processes; it is delivered after the commit.
  if found then perform pg_notify('log_events', ''); end if;

  return query
  select d.n, d.verdict,
    case d.verdict when 'written' then d.current + d.size when 'repeated' then d.found + d.size - 1 else d.current end,
    case d.verdict
      when 'written' then d.reached
      when 'repeated' then (
        select e.position from log.events e where e.stream = d.stream and e.revision = d.found + d.size - 1)
    end
  from jsonb_to_recordset(decisions)
    as d(n int, stream text, size int, current bigint, reached bigint, found bigint, verdict text)
  order by d.n;
end $$;
