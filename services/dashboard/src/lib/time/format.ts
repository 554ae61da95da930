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

/** The same to the minute and with the zone, for hovering. */
export const exact = (iso: string) =>
  new Date(iso).toLocaleString(undefined, {
    year: 'numeric',
    month: 'short',
    day: 'numeric',
    hour: 'numeric',
    minute: '2-digit',
    timeZoneName: 'short',
  });

/** How long something took: to a tenth of a second where that is worth reading. */
export function span(ms: number): string {
  const took = Math.max(0, ms);
  if (took < 10 * SECOND) return `${(took / SECOND).toFixed(1)} s`;
  return countdown(took);
}

/** An estimate: no more exact than it is. */
export function about(seconds: number): string {
  if (seconds < 10) return 'a few seconds';
  if (seconds < 90) return `about ${Math.round(seconds / 10) * 10} s`;
  return `about ${Math.round(seconds / 60)} min`;
}

/** `1st`, `2nd`, `13th`. */
export function ordinal(number: number): string {
  const teen = number % 100 >= 11 && number % 100 <= 13;
  const ending = teen ? undefined : ['th', 'st', 'nd', 'rd'][number % 10];
  return `${number}${ending ?? 'th'}`;
}

/** A place in the queue and how long it may last: `Waiting: 3rd in queue, about 6 min`. */
export function waiting({ position, wait_secs }: { position: number; wait_secs?: number | null }) {
  const place = position === 1 ? 'next in queue' : `${ordinal(position)} in queue`;
  return typeof wait_secs === 'number'
    ? `Waiting: ${place}, ${about(wait_secs)}`
    : `Waiting: ${place}`;
}

/** The time of day of a moment. */
export const clockTime = (iso: string, seconds = false) =>
  new Date(iso).toLocaleTimeString(undefined, { timeStyle: seconds ? 'medium' : 'short' });

/** The day of a moment. */
export const day = (iso: string) =>
  new Date(iso).toLocaleDateString(undefined, { dateStyle: 'full' });
