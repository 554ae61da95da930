-- What a command said is kept to the letter: json holds a U+0000 where jsonb does not.
alter table idempotency_key alter column answer type json using answer::json;

-- Addresses are looked for composed (NFC). One whose composed form is somebody else's stays as it is.
update "user" u set email = normalize(email, NFC)
    where email is not NFC normalized and not exists (select 1 from "user" o where o.email = normalize(u.email, NFC));
update invitation set email = normalize(email, NFC) where email is not NFC normalized;
update identity set email = normalize(email, NFC) where email is not NFC normalized;
