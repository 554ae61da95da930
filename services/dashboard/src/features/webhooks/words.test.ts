// Webhooks in words, and which addresses pass.
import type { Delivery, Webhook } from '@/lib/api/types';
import { aWebhook } from '@/test/samples';
import { checkUrl, URL_MAX } from './check-url';
import { nameOf, outcomeOf, stateOf, testWords, typesOf } from './words';

const NOW = Date.parse('2026-01-01T12:00:00.000Z');
const minutes = (number: number) => new Date(NOW + number * 60_000).toISOString();

it.each<[Partial<Webhook>, string, string | undefined]>([
  [{}, 'On', undefined],
  [
    { failing_since: minutes(-12), next_try_at: minutes(4) },
    'Failing',
    'Failing for 12 min; next attempt in 4 min',
  ],
  [
    { failing_since: minutes(-12), next_try_at: minutes(-1) },
    'Failing',
    'Failing for 12 min; next attempt due',
  ],
  [{ failing_since: minutes(-12) }, 'Failing', 'Failing for 12 min'],
  [
    { enabled: false },
    'Off',
    'Nothing is sent. When turned on, the webhook continues where it stopped.',
  ],
  [
    { enabled: false, off_because: 'Nothing went through for 5 days.', failing_since: minutes(-1) },
    'Turned off',
    'labyard turned it off: Nothing went through for 5 days.',
  ],
])('a webhook with %o is %s', (more, word, detail) => {
  const state = stateOf(aWebhook(more), NOW);
  expect([state.word, state.detail]).toEqual([word, detail]);
});

it('names an address without what may be a secret', () => {
  expect(nameOf('https://example.org/')).toBe('example.org');
  expect(nameOf('https://example.org:8443/a/b?token=secret')).toBe('example.org:8443/a/b');
  expect(nameOf('nonsense')).toBe('nonsense');
});

it('says what it is sent', () => {
  expect(typesOf(aWebhook())).toBe('All events');
  expect(typesOf(aWebhook({ types: ['a.b', 'c.d'] }))).toBe('a.b, c.d');
});

const tried: Delivery = {
  at: minutes(0),
  event_id: 'evt_1',
  type: 'webhook.test',
  attempt: 1,
  outcome: 'delivered',
  status: 204,
  took_millis: 42,
};

it('says how a test went', () => {
  expect(testWords(tried)).toBe('Delivered in 42 ms, status 204');
  const refused = { ...tried, outcome: 'given_up' as const, status: null, took_millis: 1_200 };
  expect(testWords({ ...refused, detail: 'It cannot be reached: refused.' })).toBe(
    'Not delivered after 1.2 s. It cannot be reached: refused.',
  );
  expect(testWords({ ...refused, status: 503 })).toBe('Not delivered after 1.2 s. Status: 503.');
});

it('gives up events, but not a test, which is tried once', () => {
  expect(outcomeOf({ ...tried, outcome: 'given_up' }).word).toBe('Failed');
  expect(outcomeOf({ ...tried, outcome: 'given_up', type: 'task.changed' }).word).toBe('Gave up');
});

it.each([
  ['https://example.org/events', true],
  [' http://10.1.2.3:8080/?a=b ', true],
  ['', false],
  ['example.org', false],
  ['ftp://example.org/', false],
  ['https://', false],
  [`https://example.org/${'ü'.repeat(URL_MAX / 2)}`, false],
])('%j may be an address: %s', (url, fine) => expect(checkUrl(url) === null).toBe(fine));
