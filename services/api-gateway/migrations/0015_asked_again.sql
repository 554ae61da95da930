-- The rights that an answer was given by: a repeat of the request has them or is refused. An answer without is one from before.
alter table idempotency_key
    add column asked jsonb;
