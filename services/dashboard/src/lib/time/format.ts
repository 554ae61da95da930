// Durations and moments in words.

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** A duration in its two largest units: `3 h 05 min`, `12 min`, `40 s`. */
export function duration(ms: number): string {
  const left = Math.max(0, ms);
  if (left >= DAY) {
    const hours = Math.floor((left % DAY) / HOUR);
    return hours ? `${Math.floor(left / DAY)} d ${hours} h` : `${Math.floor(left / DAY)} d`;
  }
  if (left >= HOUR) {
    const minutes = Math.floor((left % HOUR) / MINUTE);
    return minutes
      ? `${Math.floor(left / HOUR)} h ${String(minutes).padStart(2, '0')} min`
      : `${Math.floor(left / HOUR)} h`;
  }
  if (left >= MINUTE) return `${Math.floor(left / MINUTE)} min`;
  return `${Math.floor(left / SECOND)} s`;
}

/** The same, to the second below an hour: for what is about to end. */
export function countdown(ms: number): string {
  if (ms >= HOUR || ms < MINUTE) return duration(ms);
  const seconds = Math.floor((ms % MINUTE) / SECOND);
  return `${Math.floor(ms / MINUTE)} min ${String(seconds).padStart(2, '0')} s`;
}

/** How long ago, in words. */
export function age(ms: number): string {
  return ms < 5 * SECOND ? 'just now' : `${duration(ms)} ago`;
}

/** A moment in the reader's own language and zone. */
export const moment = (iso: string) =>
  new Date(iso).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'short' });
