// What a browser has and jsdom has not, and a server that knows only what a test tells it.
import '@testing-library/jest-dom/vitest';
import { notifications } from '@mantine/notifications';
import { cleanup, configure } from '@testing-library/react';
import { FakeEventSource } from './event-source';
import { server } from './server';
import { FakeWebSocket } from './web-socket';

/** What waits for something waits long enough for a machine that is busy with other things. */
const WAIT_MS = 8_000;
configure({ asyncUtilTimeout: WAIT_MS });

window.matchMedia = (query) =>
  ({
    matches: query.includes('min-width'),
    media: query,
    addEventListener: () => {},
    removeEventListener: () => {},
    addListener: () => {},
    removeListener: () => {},
    dispatchEvent: () => false,
    onchange: null,
  }) as MediaQueryList;

window.scrollTo = () => {};
Element.prototype.scrollIntoView = () => {};
globalThis.ResizeObserver = class {
  observe() {}
  unobserve() {}
  disconnect() {}
};
globalThis.EventSource = FakeEventSource as unknown as typeof EventSource;
Object.defineProperty(window, 'isSecureContext', { value: true });

beforeAll(() => {
  server.listen({ onUnhandledRequest: 'error' });
  // After the server, which would put its own in this one's place.
  Object.defineProperty(globalThis, 'WebSocket', { value: FakeWebSocket, configurable: true });
});
afterEach(() => {
  cleanup();
  notifications.clean();
  server.resetHandlers();
  FakeEventSource.all.length = 0;
  FakeWebSocket.all.length = 0;
  vi.useRealTimers();
  vi.restoreAllMocks();
});
afterAll(() => server.close());
