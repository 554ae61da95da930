// Writes the limits that the page's forms check, from proto/openapi.json: `npm run generate`.
import { readFile, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

const LENGTH = ['minLength', 'maxLength'];
const RANGE = ['minimum', 'maximum'];
const TEXT = ['maxLength', 'pattern'];

/** By what a form calls it: the keywords that it reads, and the fields of requests that they hold for. */
const WANTED = {
  email: [
    TEXT,
    'Register.email',
    'ChangeAccount.email',
    'CreateInvitation.email',
    'CreateShare.email',
  ],
  extendHours: [['exclusiveMinimum', 'maximum'], 'Extend.hours'],
  invitationDays: [RANGE, 'CreateInvitation.days'],
  linkUses: [RANGE, 'CreateInvitation.uses', 'CreateShare.uses'],
  name: [TEXT, 'CreateCluster.name', 'CreateWorkspace.name', 'ChangeWorkspace.name'],
  password: [
    LENGTH,
    'Register.password',
    'ChangePassword.new_password',
    'ResetPassword.new_password',
  ],
  shareHours: [RANGE, 'CreateShare.hours'],
  shareNamespaces: [['maxItems'], 'CreateShare.namespaces'],
  title: [['maxLength'], 'Register.name', 'ChangeAccount.name', 'NameOrganization.name'],
  tokenDays: [RANGE, 'CreateApiToken.days'],
  ttlHours: [RANGE, 'CreateCluster.ttl_hours'],
};

/** A pattern that stands without `maxLength` must not allow as much. */
const LENGTH_TRIED_MAX = 100;

/** How many letters a pattern allows. */
function longest(pattern) {
  const allowed = new RegExp(pattern, 'u');
  let length = LENGTH_TRIED_MAX;
  while (length > 0 && !allowed.test('a'.repeat(length))) length -= 1;
  return length < LENGTH_TRIED_MAX ? length : undefined;
}

/** What a field's schema says by these keywords. */
function limitsOf(schemas, path, keywords) {
  const [body, name] = path.split('.');
  const field = schemas[body].properties[name];
  const limits = field.pattern ? { maxLength: longest(field.pattern), ...field } : field;
  for (const keyword of keywords) {
    if (limits[keyword] === undefined) throw new Error(`${path} has no ${keyword}`);
  }
  return Object.fromEntries(keywords.map((keyword) => [keyword, limits[keyword]]));
}

/** The limits, as text. */
export async function generated() {
  const document = resolve(import.meta.dirname, '../../proto/openapi.json');
  const { schemas } = JSON.parse(await readFile(document, 'utf8')).components;
  const limits = {};
  for (const [name, [keywords, ...fields]] of Object.entries(WANTED)) {
    const [first, ...others] = fields.map((path) => limitsOf(schemas, path, keywords));
    if (others.some((other) => JSON.stringify(other) !== JSON.stringify(first))) {
      throw new Error(`${fields.join(', ')} have different limits: they need checks of their own`);
    }
    limits[name] = first;
  }
  const text = JSON.stringify(limits, null, 2);
  return `// Generated from proto/openapi.json: npm run generate.\nexport const LIMITS = ${text} as const;\n`;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  await writeFile(resolve(import.meta.dirname, 'src/lib/api/limits.ts'), await generated());
}
