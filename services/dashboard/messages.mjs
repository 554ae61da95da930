// Writes the types of the WebSocket's messages from proto/schemas: `npm run generate`.
import { readFile, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import openapiTS, { astToString } from 'openapi-typescript';

/** What a page says and hears on `/ws`. */
const MESSAGES = [
  'connected',
  'event_message',
  'health_message',
  'heartbeat',
  'presence',
  'socket_error',
  'socket_reset',
  'subscribe',
  'subscribed',
  'unsubscribe',
  'unsubscribed',
  'whereabouts',
];

const schemas = resolve(import.meta.dirname, '../../proto/schemas');

/** The types, as text. */
export async function generated() {
  const all = {};
  for (const name of MESSAGES) {
    const text = await readFile(resolve(schemas, `${name}.json`), 'utf8');
    const {
      $defs = {},
      $schema,
      ...whole
    } = JSON.parse(text.replaceAll('#/$defs/', '#/components/schemas/'));
    Object.assign(all, $defs, { [name]: whole });
  }
  const info = { title: 'labyard', version: '1' };
  const document = { openapi: '3.1.0', info, paths: {}, components: { schemas: all } };
  return `// Generated from proto/schemas: npm run generate.\n${astToString(await openapiTS(document))}`;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  await writeFile(resolve(import.meta.dirname, 'src/lib/api/messages.ts'), await generated());
}
