-- Which of its life's asks a lease was the answer to: an answer that was lost is told from one that is worked on.
alter table cluster add column worker_ask bigint not null default 0;
