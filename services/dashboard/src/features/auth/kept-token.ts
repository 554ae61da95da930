// The secret of a link between opening it and using it: out of the address at once, for this tab
// alone, through the log-in and a reload.

export type Link = 'invitation' | 'share' | 'reset' | 'device';

/** Longer ones are no secrets of ours. */
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
