// Imports go one way: lib → components → features → app, no feature knows another, no file is in a
// cycle.
import { breachesOf, cyclesOf, importsOf, readGraph } from './test/imports';

const src = readGraph(import.meta.dirname);

it('reads the whole of src', () => {
  expect(src.get('main.tsx')).toContain('app/provider.tsx');
  expect(src.get('lib/events/page-connection.ts')).toContain('lib/events/worker.ts');
});

it('no file imports what its layer must not know', () => {
  expect(breachesOf(src)).toEqual([]);
});

it('no file imports itself, by whatever way', () => {
  expect(cyclesOf(src)).toEqual([]);
});

it.each([
  "import { a } from './a';",
  "import type { A } from './a';",
  "import './a';",
  "export * from './a';",
  "export type { A } from './a';",
  "const a = () => import('./a');",
  "const a = <p>don't `{import('./a')}</p>;",
  "type A = import('./a').A;",
  "type A = typeof import('./a');",
  "import a = require('./a');",
  "new SharedWorker(new URL('./a', import.meta.url));",
])('finds the import in %s', (text) => {
  expect(importsOf(text)).toEqual(['./a']);
});

it('refuses an import that only a run would know', () => {
  expect(() => importsOf('import(name)')).toThrow('not a literal');
});

it.each([
  ['lib/a.ts', 'components/b.tsx'],
  ['lib/a.ts', 'features/x/b.ts'],
  ['lib/a.ts', 'app/b.ts'],
  ['lib/a.ts', 'test/b.ts'],
  ['components/a.tsx', 'features/x/b.ts'],
  ['components/a.test.tsx', 'app/b.tsx'],
  ['features/x/a.ts', 'features/y/b.ts'],
  ['features/x/a.test.ts', 'features/y/b.module.css'],
  ['features/x/a.ts', 'app/b.ts'],
  ['app/a.ts', 'main.tsx'],
])('%s must not import %s', (file, target) => {
  expect(breachesOf(new Map([[file, [target]]]))).toEqual([`${file} → ${target}`]);
});

it.each([
  ['components/a.tsx', 'lib/b.ts'],
  ['features/x/a.ts', 'features/x/part/b.ts'],
  ['features/x/a.test.ts', 'test/b.ts'],
  ['app/pages/a.tsx', 'features/x/b.tsx'],
  ['main.tsx', 'app/b.tsx'],
])('%s may import %s', (file, target) => {
  expect(breachesOf(new Map([[file, [target]]]))).toEqual([]);
});

it('finds a cycle however long', () => {
  const graph = new Map([
    ['a', ['b']],
    ['b', ['c', 'd']],
    ['c', []],
    ['d', ['b']],
  ]);
  expect(cyclesOf(graph)).toEqual(['b → d → b']);
});
