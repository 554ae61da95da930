// Network, clock and randomness as a connection needs them, and the real ones of a page or a worker.

export interface EventSourceLike {
  readonly readyState: number;
  addEventListener(type: string, listener: (event: MessageEvent<string>) => void): void;
  close(): void;
}

export interface SocketLike {
  readonly readyState: number;
  onmessage: ((event: MessageEvent<string>) => void) | null;
  onclose: ((event: CloseEvent) => void) | null;
  send(text: string): void;
  close(): void;
}

export interface World {
  openStream(url: string): EventSourceLike;
  openSocket(path: string): SocketLike;
  /** Asks whether the session still holds. */
  session(): Promise<'holds' | 'over' | 'unknown'>;
  /** Calls back once after so many milliseconds; returns what cancels it. */
  after(ms: number, action: () => void): () => void;
  random(): number;
}

export const browser: World = {
  openStream: (url) => new EventSource(url),
  openSocket: (path) => new WebSocket(`${location.origin.replace(/^http/, 'ws')}${path}`),
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
