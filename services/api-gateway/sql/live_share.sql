-- Shares that give something now: neither ended nor expired.
-- Read by whatever asks who may see a cluster: access, shares, the timeline.
create or replace view live_share as
    select * from share where ended_at is null and (expires_at is null or expires_at > now());
