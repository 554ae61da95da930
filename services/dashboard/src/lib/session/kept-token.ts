// Keeps the secret of a link from its opening to its use, for this tab alone: it leaves the address at
// once, and outlives the log-in and a reload.

export type Link = 'invitation' | 'share' | 'reset' | 'device';

/** No secret is longer. */
const TOKEN_MAX = 500;

// Where storage is switched off the secret lives as long as the page.
const memory = new Map<Link, string>();
const name = (link: Link) => `labyard-${link}`;

export function keepToken(link: Link, hash: string) {
  const token = hash.replace(/^#/, '');
  if (!token || token.length > TOKEN_MAX) return;
  memory.set(link, token);
  try {
    sessionStorage.setItem(name(link), token);
  } catch {
    // See above.
  }
}

export function keptToken(link: Link): string | null {
  try {
    return sessionStorage.getItem(name(link)) ?? memory.get(link) ?? null;
  } catch {
    return memory.get(link) ?? null;
  }
}

export function dropToken(link: Link) {
  memory.delete(link);
  try {
    sessionStorage.removeItem(name(link));
  } catch {
    // See above.
  }
}
