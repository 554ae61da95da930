// The limits of crates/domain/src/limits.rs, checked here to answer while the person types; the
// server's word is the one that counts.

export const TTL_MAX_HOURS = 168;
export const TTL_MIN_HOURS = 0.25;
export const TTL_DEFAULT_HOURS = 4;
export const NAME_MAX = 40;

/** What is wrong, or `null`. */
type Verdict = string | null;

export function checkName(name: string): Verdict {
  if (name === '') return 'A name is needed';
  if (name.length > NAME_MAX) return `At most ${NAME_MAX} characters; this has ${name.length}`;
  if (!/^[a-z]/.test(name)) return 'Must start with a lower-case letter';
  if (!/^[a-z0-9-]*$/.test(name)) return 'Only lower-case letters, digits and -';
  if (name.endsWith('-')) return 'Must end with a letter or a digit';
  return null;
}

export function checkTtlHours(hours: number | string): Verdict {
  if (hours === '') return 'A time to live is needed';
  const value = Number(hours);
  return value >= TTL_MIN_HOURS && value <= TTL_MAX_HOURS
    ? null
    : `Between ${TTL_MIN_HOURS} and ${TTL_MAX_HOURS} hours`;
}

export function checkExtendHours(hours: number | string): Verdict {
  const value = Number(hours);
  return hours !== '' && value > 0 && value <= TTL_MAX_HOURS
    ? null
    : `More than 0 and at most ${TTL_MAX_HOURS} hours`;
}

const CHANGING = ['PROVISIONING', 'STARTING', 'STOPPING', 'UPGRADING', 'RESTORING', 'DELETING'];

/** Something is being done to it. */
export const isChanging = ({ status }: { status: string }) => CHANGING.includes(status);
