// Reads what the files of src import, and finds what they must not.
import { readdirSync, readFileSync } from 'node:fs';
import { join, normalize, sep } from 'node:path';
import ts from 'typescript';

/** Each file with the files it imports; paths are relative to src. */
export type Graph = ReadonlyMap<string, readonly string[]>;

/** From which layers a layer may import; `own` is a feature's own folder. */
const MAY_IMPORT: Record<string, readonly string[]> = {
  lib: ['lib'],
  components: ['components', 'lib'],
  features: ['own', 'components', 'lib'],
  app: ['app', 'features', 'components', 'lib'],
};

/** What a file names in imports of every form: static, dynamic, `export … from`, types, workers. */
export function importsOf(text: string): string[] {
  const found: string[] = [];
  const add = (node: ts.Node | undefined) => {
    if (!node) return;
    if (!ts.isStringLiteralLike(node)) throw new Error(`not a literal: import(${node.getText()})`);
    found.push(node.text);
  };
  const visit = (node: ts.Node) => {
    if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) add(node.moduleSpecifier);
    else if (ts.isExternalModuleReference(node)) add(node.expression);
    else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) {
      add(node.argument.literal);
    } else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      add(node.arguments[0]);
    } else if (ts.isNewExpression(node) && node.arguments?.[1]?.getText() === 'import.meta.url') {
      add(node.arguments[0]);
    }
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile('file.tsx', text, ts.ScriptTarget.Latest, true, ts.ScriptKind.TSX));
  return found;
}

/** Everything below a folder that is src. */
export function readGraph(src: string): Graph {
  const files = readdirSync(src, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(src.length + 1));
  const known = new Set(files);
  const find = (from: string, name: string): string | undefined => {
    const path = name.startsWith('@/') ? name.slice(2) : normalize(join(from, '..', name));
    if (path.startsWith(`..${sep}`)) return undefined;
    const found = [path, `${path}.ts`, `${path}.tsx`].find((candidate) => known.has(candidate));
    if (!found) throw new Error(`${from} imports ${name}, which is no file`);
    return found;
  };
  const isOurs = (name: string) => name.startsWith('@/') || name.startsWith('.');
  return new Map(
    files
      .filter((file) => /\.tsx?$/.test(file))
      .map((file) => [
        file,
        importsOf(readFileSync(join(src, file), 'utf8'))
          .filter(isOurs)
          .flatMap((name) => find(file, name) ?? []),
      ]),
  );
}

const folderOf = (file: string) => file.split('/').slice(0, 2).join('/');

/** Imports that go from a layer to one it must not know. */
export function breachesOf(graph: Graph): string[] {
  const breaches: string[] = [];
  for (const [file, imports] of graph) {
    const layer = file.split('/')[0] ?? '';
    const may = MAY_IMPORT[layer];
    // What stands beside the layers, as main.tsx and test/ do, may import all of them.
    if (!may) continue;
    const isTest = /\.test\.tsx?$/.test(file);
    for (const target of imports) {
      const to = target.split('/')[0] ?? '';
      const own = may.includes('own') && folderOf(file) === folderOf(target);
      if (!own && !may.includes(to) && !(isTest && to === 'test')) {
        breaches.push(`${file} → ${target}`);
      }
    }
  }
  return breaches;
}

/** One cycle at least wherever there are some. */
export function cyclesOf(graph: Graph): string[] {
  const cycles: string[] = [];
  const done = new Set<string>();
  const visit = (file: string, path: readonly string[]) => {
    const start = path.indexOf(file);
    if (start >= 0) cycles.push([...path.slice(start), file].join(' → '));
    if (start >= 0 || done.has(file)) return;
    for (const next of graph.get(file) ?? []) visit(next, [...path, file]);
    done.add(file);
  };
  for (const file of graph.keys()) visit(file, []);
  return cycles;
}
