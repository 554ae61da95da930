// The real network, clock and randomness for a stream; works in a page and in a worker.
import type { World } from './stream';

export const browser: World = {
  open: (url) => new EventSource(url),
  session: async () => {
    try {
      const answer = await fetch('/api/v1/auth/me', { cache: 'no-store' });
      if (answer.status === 401) return 'over';
      return answer.ok ? 'holds' : 'unknown';
    } catch {
      return 'unknown';
    }
  },
  after: (ms, action) => {
    const timer = setTimeout(action, ms);
    return () => clearTimeout(timer);
  },
  random: Math.random,
};
