// The server's clock as far as this page knows it: times on screen follow it, not the computer's.

/** The `Date` header has whole seconds; a difference this small is no difference. */
const IGNORED_SKEW_MS = 2_000;

let skewMs = 0;

/** Learns from an answer's `Date` header how far this computer's clock is off. */
export function noteServerDate(header: string | null, receivedAt: number) {
  const server = header ? Date.parse(header) : Number.NaN;
  if (Number.isNaN(server)) return;
  const difference = server - receivedAt;
  skewMs = Math.abs(difference) > IGNORED_SKEW_MS ? difference : 0;
}

/** Milliseconds since 1970 by the server's clock. */
export const serverNow = () => Date.now() + skewMs;
