// Webhooks and their deliveries in words.
import {
  IconAlertTriangle,
  IconCircleCheck,
  IconCircleX,
  IconPlayerPause,
  IconRefreshAlert,
} from '@tabler/icons-react';
import type { Delivery, Outcome, Webhook } from '@/lib/api/types';
import type { Look } from '@/lib/look';
import { duration, span } from '@/lib/time/format';

/** How events are signed. */
export const STANDARD = 'https://www.standardwebhooks.com';

export interface State {
  word: string;
  look: Look;
  /** Why it is so, or what follows. */
  detail?: string;
}

/** A webhook's state at `now`, in milliseconds since 1970. */
export function stateOf(webhook: Webhook, now: number): State {
  const { enabled, off_because, failing_since, next_try_at } = webhook;
  if (!enabled && off_because) {
    return {
      word: 'Turned off',
      look: { icon: IconCircleX, tone: 'red' },
      detail: `labyard turned it off: ${off_because}`,
    };
  }
  if (!enabled) {
    return {
      word: 'Off',
      look: { icon: IconPlayerPause, tone: 'gray' },
      detail: 'Nothing is sent. When turned on, the webhook continues where it stopped.',
    };
  }
  if (failing_since) {
    const since = `Failing for ${duration(now - Date.parse(failing_since))}`;
    return {
      word: 'Failing',
      look: { icon: IconAlertTriangle, tone: 'orange' },
      detail: next_try_at ? `${since}; ${nextTry(Date.parse(next_try_at) - now)}` : since,
    };
  }
  return { word: 'On', look: { icon: IconCircleCheck, tone: 'green' } };
}

const nextTry = (ms: number) => (ms > 0 ? `next attempt in ${duration(ms)}` : 'next attempt due');

/** An address without its query, which may hold a secret. */
export function nameOf(url: string): string {
  try {
    const { host, pathname } = new URL(url);
    return `${host}${pathname === '/' ? '' : pathname}`;
  } catch {
    return url;
  }
}

export const typesOf = ({ types }: Webhook) =>
  types.length === 0 ? 'All events' : types.join(', ');

const OUTCOMES: Record<Outcome, { word: string; look: Look }> = {
  delivered: { word: 'Delivered', look: { icon: IconCircleCheck, tone: 'green' } },
  failed: { word: 'Failed', look: { icon: IconRefreshAlert, tone: 'orange' } },
  given_up: { word: 'Gave up', look: { icon: IconCircleX, tone: 'red' } },
  unknown: { word: 'Unknown', look: { icon: IconAlertTriangle, tone: 'gray' } },
};

const TEST = 'webhook.test';

/** A test is tried once: there is nothing to give up. */
export const outcomeOf = ({ outcome, type }: Delivery) =>
  type === TEST && outcome === 'given_up'
    ? { ...OUTCOMES.given_up, word: 'Failed' }
    : OUTCOMES[outcome];

export const took = (ms: number) => (ms < 1_000 ? `${ms} ms` : span(ms));

/** How a test went, in a line. */
export function testWords({ outcome, status, detail, took_millis }: Delivery): string {
  if (outcome === 'delivered') {
    return `Delivered in ${took(took_millis)}${status ? `, status ${status}` : ''}`;
  }
  return `Not delivered after ${took(took_millis)}. ${detail ?? `Status: ${status ?? 'none'}.`}`;
}

/** A moment to the second, to be found in another log. */
export const toTheSecond = (iso: string) =>
  new Date(iso).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'medium' });
