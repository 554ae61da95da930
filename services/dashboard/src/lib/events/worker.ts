// The SharedWorker: one event stream for all pages of a browser.
import { Keeper, type Page } from './keeper';
import type { Order } from './protocol';
import { browser } from './world';

const keeper = new Keeper(browser);

// The DOM library's types know pages only; of a SharedWorker's scope this is all we use.
const scope = globalThis as unknown as { onconnect: (event: MessageEvent) => void };

scope.onconnect = (event) => {
  const port = event.ports[0];
  if (!port) return;
  const page: Page = { send: (signal) => port.postMessage(signal) };
  port.onmessage = (message: MessageEvent<Order>) => keeper.receive(page, message.data);
};
