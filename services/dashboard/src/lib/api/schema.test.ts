// Whether what is generated from proto/ is up to date.
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import openapiTS, { astToString } from 'openapi-typescript';
import * as limits from '../../../limits.mjs';
import * as messages from '../../../messages.mjs';

const read = (path: string) => readFile(resolve(import.meta.dirname, path), 'utf8');

it('the generated types are those of proto/openapi.json (else: npm run generate)', async () => {
  const document = await read('../../../../../proto/openapi.json');
  const generated = astToString(await openapiTS(document));
  const written = await read('./schema.ts');
  expect(written.slice(written.indexOf('export interface paths'))).toBe(generated);
});

it('the generated messages are those of proto/schemas (else: npm run generate)', async () => {
  expect(await read('./messages.ts')).toBe(await messages.generated());
});

it('the generated limits are those of proto/openapi.json (else: npm run generate)', async () => {
  expect(await read('./limits.ts')).toBe(await limits.generated());
});
