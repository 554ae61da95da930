// What the checks of a form let pass.
import { checkEmail, checkExtendHours, checkName, checkPassword, checkTtlHours } from './checks';

it.each(['a', 'demo', 'a1-b2', 'a'.repeat(40)])('%s is a name', (name) => {
  expect(checkName(name)).toBeNull();
});

it.each(['', 'Demo', '1a', '-a', 'a-', 'a_b', 'a.b', 'ä', 'a'.repeat(41), 'a\n'])(
  '%j is no name',
  (name) => {
    expect(checkName(name)).not.toBeNull();
  },
);

it.each([0.25, 4, 168])('%s h is a life', (hours) => expect(checkTtlHours(hours)).toBeNull());
it.each([0, -1, 0.2, 168.1, 10_000, Number.NaN, ''])('%s h is no life', (hours) =>
  expect(checkTtlHours(hours)).not.toBeNull(),
);
it('an extend adds something', () => {
  expect(checkExtendHours(0.1)).toBeNull();
  for (const hours of [0, -1, 169, '']) expect(checkExtendHours(hours)).not.toBeNull();
});

it.each(['a@b', 'you@example.org'])('%s is an address', (email) =>
  expect(checkEmail(email)).toBeNull(),
);
it.each(['', 'a', '@b', 'a@', 'a b@c', 'a@b@c', 'a@.b', 'a@b.'])('%j is no address', (email) =>
  expect(checkEmail(email)).not.toBeNull(),
);

it('counts a password in characters', () => {
  expect(checkPassword('🔑'.repeat(10))).toBeNull();
  expect(checkPassword('🔑'.repeat(9))).not.toBeNull();
  expect(checkPassword('x'.repeat(201))).not.toBeNull();
});
