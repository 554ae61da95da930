// Durations and moments in words.
import { noteServerDate, serverNow } from './clock';
import { about, age, countdown, duration, exact, ordinal, span, waiting } from './format';

const MIN = 60_000;

it.each([
  [0, '0 s'],
  [-5_000, '0 s'],
  [59_999, '59 s'],
  [12 * MIN, '12 min'],
  [60 * MIN, '1 h'],
  [185 * MIN, '3 h 05 min'],
  [25 * 60 * MIN, '1 d 1 h'],
])('%s ms is %s', (ms, words) => expect(duration(ms)).toBe(words));

it('counts seconds when it is about to end', () => {
  expect(countdown(11 * MIN + 4_000)).toBe('11 min 04 s');
  expect(countdown(40_000)).toBe('40 s');
  expect(countdown(61 * MIN)).toBe('1 h 01 min');
});

it('calls a moment ago just now', () => {
  expect(age(1_000)).toBe('just now');
  expect(age(-9_000)).toBe('just now');
  expect(age(5 * MIN)).toBe('5 min ago');
});

it('follows the clock of the server, not of the computer', () => {
  const now = Date.now();
  noteServerDate(new Date(now + 3_600_000).toUTCString(), now);
  expect(serverNow() - Date.now()).toBeGreaterThan(3_590_000);
  noteServerDate(new Date(now).toUTCString(), now);
  expect(Math.abs(serverNow() - Date.now())).toBeLessThan(5);
  noteServerDate('nonsense', now);
  noteServerDate(null, now);
  expect(Math.abs(serverNow() - Date.now())).toBeLessThan(5);
});

it.each([
  [400, '0.4 s'],
  [12_000, '12 s'],
  [65_000, '1 min 05 s'],
])('%s ms took %s', (ms, words) => expect(span(ms)).toBe(words));

it('is no more exact than an estimate is', () => {
  expect([4, 42, 200].map(about)).toEqual(['a few seconds', 'about 40 s', 'about 3 min']);
});

it('says how long a queue is', () => {
  expect(waiting({ position: 3, wait_secs: 360 })).toBe('Waiting: 3rd in queue, about 6 min');
  expect(waiting({ position: 1 })).toBe('Waiting: next in queue');
});

it('names the zone of a moment where it is hovered over', () => {
  expect(exact('2026-01-01T12:00:00.000Z')).toMatch(/2026.*(GMT|UTC|[A-Z]{2,5})/);
});

it('counts places', () => {
  expect([1, 2, 3, 4, 11, 12, 21, 113].map(ordinal)).toEqual([
    '1st',
    '2nd',
    '3rd',
    '4th',
    '11th',
    '12th',
    '21st',
    '113th',
  ]);
});
