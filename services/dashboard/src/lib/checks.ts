// Checks of what a form's fields hold, to answer while the person types: the server's are the ones
// that count, and its limits are generated from the API document.
import { LIMITS } from './api/limits';

const NAME = new RegExp(LIMITS.name.pattern, 'u');
const EMAIL = new RegExp(LIMITS.email.pattern, 'u');

/** What is wrong, or `null`. */
type Verdict = string | null;

interface Range {
  readonly minimum: number;
  readonly maximum: number;
}

/** In characters, as the server counts them. */
const lengthOf = (text: string) => [...text].length;

const isWithin = (value: number, { minimum, maximum }: Range) =>
  value >= minimum && value <= maximum;

/** The name of a cluster or a workspace: the pattern decides, the rest says why. */
export function checkName(name: string): Verdict {
  const { maxLength } = LIMITS.name;
  if (NAME.test(name)) return null;
  if (name === '') return 'Enter a name';
  if (name.length > maxLength)
    return `Use at most ${maxLength} characters; this has ${name.length}`;
  if (!/^[a-z]/.test(name)) return 'Start with a lowercase letter';
  if (!/^[a-z0-9-]*$/.test(name)) return 'Use only lowercase letters, digits and hyphens';
  return 'End with a letter or digit';
}

/** A number of hours within a range, both ends allowed. */
export const checkHours = (hours: number | string, { minimum, maximum }: Range): Verdict =>
  isWithin(Number(hours), { minimum, maximum }) ? null : `Enter ${minimum} to ${maximum} hours`;

export function checkTtlHours(hours: number | string): Verdict {
  if (hours === '') return 'Enter a time to live';
  return checkHours(hours, LIMITS.ttlHours);
}

export function checkExtendHours(hours: number | string): Verdict {
  const { exclusiveMinimum, maximum } = LIMITS.extendHours;
  const value = Number(hours);
  return hours !== '' && value > exclusiveMinimum && value <= maximum
    ? null
    : `Enter more than ${exclusiveMinimum} and at most ${maximum} hours`;
}

export const checkEmail = (email: string): Verdict =>
  EMAIL.test(email) && lengthOf(email) <= LIMITS.email.maxLength
    ? null
    : 'Enter an email like you@example.org';

export function checkPassword(password: string): Verdict {
  const { minLength, maxLength } = LIMITS.password;
  return isWithin(lengthOf(password), { minimum: minLength, maximum: maxLength })
    ? null
    : `Use ${minLength} to ${maxLength} characters`;
}

/** Empty is fine: the part of the address before the @ is taken. */
export const checkPersonName = (name: string): Verdict =>
  lengthOf(name.trim()) <= LIMITS.title.maxLength
    ? null
    : `Use at most ${LIMITS.title.maxLength} characters`;

/** The name of an organization. */
export const checkTitle = (name: string): Verdict =>
  isWithin(lengthOf(name.trim()), { minimum: 1, maximum: LIMITS.title.maxLength })
    ? null
    : `Use 1 to ${LIMITS.title.maxLength} characters`;

/** A whole number within a range, both ends allowed. */
export function checkWhole(value: number | string, range: Range): Verdict {
  const number = Number(value);
  return value !== '' && Number.isInteger(number) && isWithin(number, range)
    ? null
    : `Enter a whole number from ${range.minimum} to ${range.maximum}`;
}
