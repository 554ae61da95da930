-- How the parts of a cluster are, as its host last saw them: {"node": "OK", "storage": "OK", "api": "DOWN"}.
alter table cluster add column components jsonb;
