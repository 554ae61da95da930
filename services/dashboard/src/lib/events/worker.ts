// The SharedWorker: one connection hub for all pages of a browser.
import { ConnectionHub, type Page } from './connection-hub';
import type { ToHub } from './protocol';
import { browser } from './world';

const hub = new ConnectionHub(browser);

// The DOM library's types know pages only; of a SharedWorker's scope this is all we use.
const scope = globalThis as unknown as { onconnect: (event: MessageEvent) => void };

scope.onconnect = (event) => {
  const port = event.ports[0];
  if (!port) return;
  const page: Page = { send: (message) => port.postMessage(message) };
  port.onmessage = (message: MessageEvent<ToHub>) => hub.receive(page, message.data);
};
