// What names and numbers of organizations may be, as crates/domain/src/limits.rs has it.

export const TITLE_MAX = 100;
export const LINK_USES_MAX = 500;
export const INVITATION_DAYS_MAX = 30;
export const INVITATION_DAYS_DEFAULT = 7;

export function checkTitle(name: string): string | null {
  const length = [...name.trim()].length;
  return length >= 1 && length <= TITLE_MAX ? null : `Use 1 to ${TITLE_MAX} characters`;
}

/** A whole number, both ends allowed. */
export function checkRange(value: number | string, least: number, most: number): string | null {
  const number = Number(value);
  const fits = value !== '' && Number.isInteger(number) && number >= least && number <= most;
  return fits ? null : `Enter a whole number from ${least} to ${most}`;
}
