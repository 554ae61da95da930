-- Which trace an event belongs to: the W3C traceparent of the span it was written in, at most 55 characters. What was
-- written where nothing is traced, or before this, has none.
alter table outbox add column trace varchar(55);
alter table event add column trace varchar(55);

-- Its rows have a column more than before, which Postgres does not replace in place; sql/event_position.sql makes it anew.
drop function if exists sequence(integer);
