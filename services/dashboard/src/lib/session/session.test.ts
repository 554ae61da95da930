// Where a log-in leads.
import { safeNext } from './session';

it.each([
  ['/dashboard?x=1', '/dashboard?x=1'],
  ['//evil.example', '/dashboard'],
  ['/\\evil', '/dashboard'],
  ['https://evil.example', '/dashboard'],
  [7, '/dashboard'],
])('after the log-in %j leads to %s', (next, path) => expect(safeNext(next)).toBe(path));
