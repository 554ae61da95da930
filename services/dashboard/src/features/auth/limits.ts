// What an account's fields may hold, as crates/domain/src/limits.rs has it.

export const PASSWORD_MIN = 10;
export const PASSWORD_MAX = 200;
export const PERSON_NAME_MAX = 100;
const EMAIL_MAX = 254;

type Verdict = string | null;

export function checkEmail(email: string): Verdict {
  const shaped = /^[^\s@]+@[^\s@.](?:[^\s@]*[^\s@.])?$/.test(email);
  return shaped && email.length <= EMAIL_MAX ? null : 'Enter an email like you@example.org';
}

export function checkPassword(password: string): Verdict {
  const length = [...password].length;
  return length >= PASSWORD_MIN && length <= PASSWORD_MAX
    ? null
    : `Use ${PASSWORD_MIN} to ${PASSWORD_MAX} characters`;
}

/** Empty is fine: the part of the address before the @ is taken. */
export function checkPersonName(name: string): Verdict {
  return [...name.trim()].length <= PERSON_NAME_MAX
    ? null
    : `Use at most ${PERSON_NAME_MAX} characters`;
}
