// What a browser has and jsdom has not, a server that answers only what a test set up, and a clean page
// for each test.
import '@testing-library/jest-dom/vitest';
import { notifications } from '@mantine/notifications';
import { cleanup, configure, prettyDOM } from '@testing-library/react';
import { FakeEventSource } from './event-source';
import { server } from './server';
import { endTimers, unwatchTimers, watchTimers } from './timers';
import { FakeWebSocket } from './web-socket';

/** What waits for something waits long enough for a machine that is busy with other things. */
const WAIT_MS = 20_000;
configure({ asyncUtilTimeout: WAIT_MS, getElementError });

/**
 * A wait makes such an error for every try that fails and shows the last alone: the page, which
 * takes long to print, is printed for who reads the message.
 */
function getElementError(message: string | null, container: Element) {
  const error = new Error();
  error.name = 'TestingLibraryElementError';
  // It is the test that failed, not this line.
  Error.captureStackTrace(error, getElementError);
  let text: string | undefined;
  return Object.defineProperty(error, 'message', {
    configurable: true,
    get: () => (text ??= [message, prettyDOM(container)].filter(Boolean).join('\n\n')),
  });
}

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
  watchTimers();
  // Testing Library says so to the first file alone.
  Object.assign(globalThis, { IS_REACT_ACT_ENVIRONMENT: true });
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
  endTimers();
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
  localStorage.clear();
  sessionStorage.clear();
  history.replaceState(null, '', '/');
  document.body.replaceChildren();
  // user-event's.
  Reflect.deleteProperty(navigator, 'clipboard');
});
afterAll(() => {
  server.close();
  unwatchTimers();
  // The next file begins with its own of everything that src keeps in a module.
  vi.resetModules();
});
