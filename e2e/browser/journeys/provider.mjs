// A real provider of identities for the stack under test: it runs while the work does, and the gateway knows it.
import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

import { eventually, home, server, stack, url } from "./stack.mjs";

const program = fileURLToPath(new URL("../../oidc/provider.mjs", import.meta.url));

/** What the stack's LABYARD_OIDC names. */
const file = join(home, "oidc.json");

/** As the button on the log-in page has it. */
export const LABEL = "Acme";

/** Does it with a provider of these people, each an account's name and what is vouched for. */
export async function withProvider(people, work) {
  const client = { client_id: "labyard", token_endpoint_auth_method: "none", redirect_uris: [`${url}/api/v1/auth/oidc/acme/callback`] };
  const child = spawn("node", [program, JSON.stringify({ clients: [client], people })], { stdio: ["pipe", "pipe", "ignore"] });
  try {
    const { issuer } = JSON.parse(await firstLine(child));
    await told([{ id: "acme", label: LABEL, issuer, client_id: client.client_id }]);
    await work(issuer);
  } finally {
    child.stdin.end();
    await told([]);
  }
}

async function firstLine(child) {
  for await (const line of createInterface({ input: child.stdout })) return line;
  throw new Error("the provider does not start: run npm ci in e2e/oidc");
}

/** The gateway reads its providers when it starts. */
async function told(providers) {
  writeFileSync(file, JSON.stringify(providers));
  stack("restart", "api-gateway");
  const wanted = providers.map(({ id }) => id).join();
  const known = async () => {
    const answer = await fetch(`${server}/api/v1/auth/providers`).catch(() => undefined);
    return answer?.ok && (await answer.json()).items.map(({ id }) => id).join() === wanted;
  };
  await eventually(`the gateway knows the providers of ${file} (the stack's LABYARD_OIDC)`, known);
}
