// Checks the address of a webhook before it is sent; where it leads the server judges.

/** As the server counts it: in bytes, which the API document has no word for. */
export const URL_MAX = 2048;

export function checkUrl(text: string): string | null {
  const url = text.trim();
  if (new TextEncoder().encode(url).length > URL_MAX) return `At most ${URL_MAX} bytes`;
  return /^https?:\/\/[^/\s]/i.test(url) && URL.canParse(url)
    ? null
    : 'Enter an address like https://example.org/events';
}
