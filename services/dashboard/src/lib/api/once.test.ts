// Which requests carry a key, and which key.
import { isKept, OpenRequests } from './once';

it('gives the same key while no answer has come, and another afterwards', () => {
  const open = new OpenRequests();
  const first = open.key('POST /clusters {"name":"a"}');
  expect(first).toMatch(/^[0-9a-f]{32}$/);
  expect(open.key('POST /clusters {"name":"a"}')).toBe(first);
  expect(open.key('POST /clusters {"name":"b"}')).not.toBe(first);
  open.answered(first);
  expect(open.key('POST /clusters {"name":"a"}')).not.toBe(first);
});

it('remembers no more than fifty', () => {
  const open = new OpenRequests();
  const first = open.key('0');
  for (let number = 1; number <= 50; number += 1) open.key(String(number));
  expect(open.key('0')).not.toBe(first);
});

it.each([
  ['POST', '/api/v1/clusters', true],
  ['DELETE', '/api/v1/clusters/clu_1', true],
  ['POST', '/api/v1/tasks/task_1/retry', true],
  ['GET', '/api/v1/clusters', false],
  ['POST', '/api/v1/auth/session', false],
  ['POST', '/api/v1/clusters/clu_1/exec', false],
  ['POST', '/api/v1/clusters/clu_1/active', false],
])('%s %s carries a key: %s', (method, path, kept) => expect(isKept(method, path)).toBe(kept));
