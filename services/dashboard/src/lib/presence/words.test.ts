// Who is here, in words.
import { others, pageWords, whoIsHere } from './words';

const names = new Map([
  ['usr_2', 'Bo'],
  ['usr_3', 'Cy'],
]);
const here = (user_id: string, page: string | null, minute = 0) => ({
  user_id,
  page,
  since: `2026-01-01T00:0${minute}:00.000Z`,
});

it('names each other person once, with all their pages, who came first comes first', () => {
  const people = others(
    [
      here('usr_1', '/dashboard'),
      here('usr_3', '/history', 2),
      here('usr_2', '/clusters/demo', 3),
      here('usr_2', '/dashboard', 1),
      here('usr_2', '/dashboard', 4),
      here('usr_9', null, 5),
    ],
    'usr_1',
    names,
  );
  expect(people.map(({ name, pages }) => [name, ...pages])).toEqual([
    ['Bo', 'viewing cluster demo', 'viewing clusters'],
    ['Cy', 'viewing activity'],
    ['Someone'],
  ]);
  expect(whoIsHere(people)).toBe('Bo and 2 others are here');
  expect(whoIsHere(people.slice(0, 2))).toBe('Bo and Cy are here');
  expect(whoIsHere(people.slice(0, 1))).toBe('Bo is here');
});

it.each([
  ['/tasks', 'viewing tasks'],
  ['/audit', 'viewing the audit log'],
  ['/organizations/Team', 'viewing Team'],
  ['/workspaces/lab', 'viewing workspace lab'],
])('says what %s is', (page, words) => expect(pageWords(page)).toBe(words));

it('shows what a page is called, whatever that is, and not too much of it', () => {
  expect(pageWords(undefined)).toBeUndefined();
  expect(pageWords('https://example.org')).toBe('viewing https://example.org');
  expect(pageWords('x'.repeat(200))).toHaveLength('viewing '.length + 60);
});
