// A real OpenID Connect provider with people and pipelines for the tests. It takes its clients, and its people if
// they are not the usual ones, as JSON on the command line, prints its issuer and lives until its standard input
// ends. Only its log-in page is ours: whoever asks says who they are, as `account` of a form.
import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import { Provider } from 'oidc-provider';

const USUAL = {
  ana: { email: 'ana@example.org', email_verified: true, name: 'Ana Provided' },
  ben: { email: 'ben@elsewhere.org', email_verified: true, name: 'Ben Provided' },
  cam: { email: 'cam@example.org', email_verified: false, name: 'Cam Provided' },
  dan: { email: 'dan@example.org', email_verified: true, name: 'Dan Provided' },
};

// A port is given to come back as the same issuer, with other keys.
const { clients, people = USUAL, port = 0 } = JSON.parse(process.argv[2]);
const server = createServer();
await new Promise((done) => server.listen(port, '127.0.0.1', done));
const issuer = `http://127.0.0.1:${server.address().port}`;

const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const key = { ...privateKey.export({ format: 'jwk' }), kid: randomUUID(), use: 'sig', alg: 'RS256' };

const provider = new Provider(issuer, {
  clients,
  jwks: { keys: [key] },
  cookies: { keys: ['of a test'] },
  claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name'] },
  // As the specification has it: the address comes from userinfo, not in the token.
  conformIdTokenClaims: true,
  findAccount: (_, id) => people[id] && { accountId: id, claims: () => ({ sub: id, ...people[id] }) },
  interactions: { url: (_, interaction) => `/who/${interaction.uid}` },
  pkce: { required: () => true },
  features: {
    devInteractions: { enabled: false },
    clientCredentials: { enabled: true },
    // What a pipeline gets is a JWT for the audience that it asked for.
    resourceIndicators: {
      enabled: true,
      useGrantedResource: () => true,
      getResourceServerInfo: (_, audience) => ({
        audience,
        scope: 'pipeline',
        accessTokenFormat: 'jwt',
        accessTokenTTL: 300,
      }),
    },
  },
  // What a pipeline's token says of its run.
  extraTokenClaims: (context) => JSON.parse(context.oidc.body?.run ?? '{}'),
  extraParams: ['run'],
});

// Cancelled, its form names nobody.
const page = (uid) => `<!doctype html><title>Test provider</title><h1>Test provider</h1>
<form method="post" action="/who/${uid}"><label>Account <input name="account"></label><button>Log in</button></form>
<form method="post" action="/who/${uid}"><button>Cancel</button></form>`;

async function body(request) {
  let text = '';
  for await (const chunk of request) text += chunk;
  return new URLSearchParams(text);
}

async function who(request, response) {
  const { uid, params } = await provider.interactionDetails(request, response);
  if (request.method === 'GET') {
    response.setHeader('content-type', 'text/html');
    return response.end(page(uid));
  }
  const account = (await body(request)).get('account');
  if (!people[account]) {
    const refused = { error: 'access_denied', error_description: 'nobody by this name' };
    return provider.interactionFinished(request, response, refused);
  }
  const grant = new provider.Grant({ accountId: account, clientId: params.client_id });
  grant.addOIDCScope(params.scope);
  const consent = { grantId: await grant.save() };
  return provider.interactionFinished(request, response, { login: { accountId: account }, consent });
}

const standard = provider.callback();
server.on('request', (request, response) => {
  if (!request.url.startsWith('/who/')) return standard(request, response);
  who(request, response).catch((error) => response.writeHead(500).end(String(error)));
});

console.log(JSON.stringify({ issuer }));
// Whoever started this reads no further.
console.log = console.info = () => {};
process.stdin.on('end', () => process.exit(0)).resume();
