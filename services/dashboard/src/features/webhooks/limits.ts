// What an address of a webhook may be, as far as the page can say; where it leads the server judges.

/** As crates/domain/src/limits.rs has it, in bytes. */
export const URL_MAX = 2048;

export function checkUrl(text: string): string | null {
  const url = text.trim();
  if (new TextEncoder().encode(url).length > URL_MAX) return `At most ${URL_MAX} bytes`;
  return /^https?:\/\/[^/\s]/i.test(url) && URL.canParse(url)
    ? null
    : 'Enter an address like https://example.org/events';
}
