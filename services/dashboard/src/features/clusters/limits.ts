// The limits of crates/domain/src/limits.rs, checked here to answer while the person types; the
// server's word is the one that counts.

export const TTL_MAX_HOURS = 168;
export const TTL_MIN_HOURS = 0.25;
export const TTL_DEFAULT_HOURS = 4;
export const NAME_MAX = 40;

/** What is wrong, or `null`. */
type Verdict = string | null;

export function checkName(name: string): Verdict {
  if (name === '') return 'Enter a name';
  if (name.length > NAME_MAX) return `Use at most ${NAME_MAX} characters; this has ${name.length}`;
  if (!/^[a-z]/.test(name)) return 'Start with a lowercase letter';
  if (!/^[a-z0-9-]*$/.test(name)) return 'Use only lowercase letters, digits and hyphens';
  if (name.endsWith('-')) return 'End with a letter or digit';
  return null;
}

export function checkTtlHours(hours: number | string): Verdict {
  if (hours === '') return 'Enter a time to live';
  const value = Number(hours);
  return value >= TTL_MIN_HOURS && value <= TTL_MAX_HOURS
    ? null
    : `Enter ${TTL_MIN_HOURS} to ${TTL_MAX_HOURS} hours`;
}

export function checkExtendHours(hours: number | string): Verdict {
  const value = Number(hours);
  return hours !== '' && value > 0 && value <= TTL_MAX_HOURS
    ? null
    : `Enter more than 0 and at most ${TTL_MAX_HOURS} hours`;
}

const CHANGING = ['PROVISIONING', 'STARTING', 'STOPPING', 'UPGRADING', 'RESTORING', 'DELETING'];

/** Something is being done to it. */
export const isChanging = ({ status }: { status: string }) => CHANGING.includes(status);
