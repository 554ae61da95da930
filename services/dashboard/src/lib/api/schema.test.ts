import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import openapiTS, { astToString } from 'openapi-typescript';

const read = (path: string) => readFile(resolve(import.meta.dirname, path), 'utf8');

it('the generated types are those of proto/openapi.json (else: npm run generate)', async () => {
  const document = await read('../../../../../proto/openapi.json');
  const generated = astToString(await openapiTS(document));
  const written = await read('./schema.ts');
  expect(written.slice(written.indexOf('export interface paths'))).toBe(generated);
});
