// A receiver of webhooks: a small HTTP server that keeps what comes and checks its signatures.
import { createHmac, timingSafeEqual } from "node:crypto";
import { createServer } from "node:http";

/** What is older is refused (docs/webhooks.md). */
const AGE_MAX_S = 300;

/** Answers each request with `status`, until it is closed. */
export async function receive() {
  const receiver = { status: 204, came: [] };
  const server = createServer(async (request, response) => {
    let body = "";
    for await (const part of request.setEncoding("utf8")) body += part;
    receiver.came.push({ headers: request.headers, body, event: JSON.parse(body) });
    response.writeHead(receiver.status).end();
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  receiver.url = `http://127.0.0.1:${server.address().port}`;
  receiver.close = () => {
    server.close();
    server.closeAllConnections();
  };
  return receiver;
}

/** Whether one of a request's signatures is that of a secret. */
export function signed({ headers, body }, secret) {
  const id = headers["webhook-id"];
  const timestamp = headers["webhook-timestamp"];
  if (Math.abs(Date.now() / 1000 - Number(timestamp)) > AGE_MAX_S) return false;
  const key = Buffer.from(secret.replace(/^whsec_/, ""), "base64");
  const good = createHmac("sha256", key).update(`${id}.${timestamp}.${body}`).digest();
  return headers["webhook-signature"].split(" ").some((one) => {
    const [version, signature] = one.split(",");
    const given = Buffer.from(signature ?? "", "base64");
    return version === "v1" && given.length === good.length && timingSafeEqual(given, good);
  });
}
