// The certificate of the edge: made once, renewed in time, never written over what is broken or somebody else's. openssl is real.
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { X509Certificate, createPrivateKey } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";

const deploy = join(import.meta.dirname, "../..");
const SCRIPTS = ["lib.sh", "stack/settings.sh", "stack/preflight.sh", "stack/tls.sh"];
const PAGE = "http://labyard.localhost:3000";
const DAY_MS = 86_400_000;

/** A stack's folder that a test has for itself. */
class Stack {
  constructor(t) {
    this.home = mkdtempSync(join(tmpdir(), "labyard-tls-"));
    t.after(() => rmSync(this.home, { recursive: true }));
    this.authority = join(this.home, "secrets/authority.pem");
    this.issued = join(this.home, "secrets/edge.pem");
  }

  /** Runs words of bash after the scripts, as `make up` of this public URL; gives whether they succeeded and what they said. */
  run(words, { page = PAGE, ...env } = {}) {
    const sources = SCRIPTS.map((name) => `. "${deploy}/${name}"`).join("; ");
    const script = `${sources}; make_folders; remember EDGE_TLS_PORT 3443; remember PUBLIC_URL ${page}; ${words}`;
    const settings = { PATH: process.env.PATH, HOME: process.env.HOME, LABYARD_HOME: this.home, LABYARD_PUBLIC_URL: page, ...env };
    const { status, stderr, stdout } = spawnSync("bash", ["-c", script], { env: settings, encoding: "utf8" });
    return { ok: status === 0, said: stderr + stdout };
  }

  make(options) {
    const { ok, said } = this.run("make_tls", options);
    assert.ok(ok, said);
    return said;
  }

  /** Who is refused leaves everything as it was. */
  refused(pattern, options) {
    const before = this.files();
    const { ok, said } = this.run("make_tls", options);
    assert.ok(!ok && pattern.test(said), said);
    assert.deepEqual(this.files(), before);
  }

  files() {
    return [this.authority, this.issued].map((file) => readFileSync(file, "utf8"));
  }

  certificate() {
    return new X509Certificate(readFileSync(this.issued));
  }

  path(name) {
    return join(this.home, name);
  }
}

const openssl = (...words) => execFileSync("openssl", words, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });

/** A pair as an operator may have one; gives its settings. */
function pair(stack, name) {
  const [cert, key] = [stack.path(`${name}.crt`), stack.path(`${name}.key`)];
  const curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"];
  openssl("req", "-x509", ...curve, "-nodes", "-days", "90", "-subj", "/CN=theirs", "-addext", "subjectAltName=DNS:labyard.localhost", "-keyout", key, "-out", cert);
  return { LABYARD_TLS_CERT: cert, LABYARD_TLS_KEY: key };
}

test("an authority is made once, issues for this machine's names and may no others", (t) => {
  const stack = new Stack(t);
  stack.make();
  const before = stack.files();
  stack.make();
  assert.deepEqual(stack.files(), before, "nothing is made twice");

  for (const file of [stack.authority, stack.issued]) assert.equal(statSync(file).mode & 0o777, 0o600, file);
  const certificate = stack.certificate();
  const authority = new X509Certificate(readFileSync(stack.path("edge/labyard-ca.crt")));
  assert.ok(!readFileSync(stack.path("edge/labyard-ca.crt"), "utf8").includes("PRIVATE"));
  assert.equal(statSync(stack.path("edge/labyard-ca.crt")).mode & 0o777, 0o644);
  assert.ok(authority.ca && !certificate.ca && certificate.verify(authority.publicKey));
  assert.ok(certificate.checkPrivateKey(createPrivateKey(before[1])));
  assert.equal(certificate.publicKey.asymmetricKeyDetails.namedCurve, "prime256v1");
  for (const name of ["localhost", "labyard.localhost"]) assert.ok(certificate.checkHost(name), name);
  for (const address of ["127.0.0.1", "::1"]) assert.ok(certificate.checkIP(address), address);
  const days = (of) => (Date.parse(of.validTo) - Date.parse(of.validFrom)) / DAY_MS;
  assert.ok(days(certificate) <= 397 && days(authority) === 3650);

  // What is issued for elsewhere by its key is worth nothing.
  for (const host of ["example.org", "localhost.example.org", "192.0.2.7"]) {
    const { ok } = stack.run(`issue ${host}`);
    assert.ok(!ok, host);
  }
  assert.deepEqual(stack.files(), before);
});

test("a certificate with a third of its time left is issued anew, by the same authority", (t) => {
  const stack = new Stack(t);
  stack.run("CERTIFICATE_DAYS=131; make_tls");
  const [authority, issued] = stack.files();
  assert.match(stack.make(), /a certificate for this machine/);
  assert.equal(stack.files()[0], authority);
  assert.notEqual(stack.files()[1], issued);
  assert.equal(stack.make(), "", "then it is good for long");
});

test("another public URL is in the certificate as far as the authority may say so", (t) => {
  const stack = new Stack(t);
  stack.make({ page: "https://labs.example.org/under" });
  assert.ok(stack.certificate().checkHost("labs.example.org"));
  stack.make({ page: "http://[::1]:3000" });
  stack.make({ page: "https://at.labs.example.org:8443" });
  assert.ok(stack.certificate().checkHost("at.labs.example.org"), "a name below it");
  const before = stack.files();
  assert.match(stack.make({ page: "https://labs.example.com" }), /is not for labs\.example\.com/);
  assert.deepEqual(stack.files(), before, "what was good stays");
  for (const page of ["http://192.0.2.7:3000", "http://[2001:db8::7]:3000"]) {
    const other = new Stack(t);
    other.make({ page });
    assert.ok(other.certificate().checkIP(page.split("//")[1].slice(0, -5).replaceAll(/[[\]]/g, "")), page);
  }
});

test("what is broken or somebody else's is told and stays as it is", (t) => {
  const stack = new Stack(t);
  stack.make();
  const other = new Stack(t);
  other.make();
  const [authority, issued] = stack.files();
  const [key, certificate] = [0, 1].map((at) => authority.split(/(?=-----BEGIN CERTIFICATE)/)[at]);
  for (const text of ["", authority.slice(0, -100), key, certificate, key + other.files()[0].split(/(?=-----BEGIN CERTIFICATE)/)[1], issued]) {
    writeFileSync(stack.authority, text);
    stack.refused(/authority\.pem is broken or has expired/);
  }
  writeFileSync(stack.authority, authority);
  for (const text of ["", issued.slice(0, 300), other.files()[1], authority + issued]) {
    writeFileSync(stack.issued, text);
    stack.refused(/edge\.pem is broken or from another authority/);
  }
  writeFileSync(stack.issued, issued);
  stack.make();
});

test("a pair that is given wins, and what is wrong with one is told with its fix", (t) => {
  const stack = new Stack(t);
  const good = pair(stack, "good");
  stack.make(good);
  assert.equal(stack.run("cat $home/run/stack.env; ls $home/secrets").said.includes("authority"), false, "no authority is made");
  assert.match(stack.run("remembered TLS_CERT", good).said, /good\.crt/);

  const told = (settings, pattern, options = {}) => {
    const { ok, said } = stack.run('lacks=(); check_given; printf "%s\\n" "${lacks[@]}"; [ ${#lacks[@]} = 0 ]', { ...settings, ...options });
    assert.ok(!ok && pattern.test(said), said);
    assert.ok(!stack.run("make_tls", { ...settings, ...options }).ok);
  };
  told({ LABYARD_TLS_CERT: good.LABYARD_TLS_CERT }, /LABYARD_TLS_KEY is not set/);
  told({ ...good, LABYARD_TLS_KEY: "good.key" }, /name the whole path/);
  told({ ...good, LABYARD_TLS_KEY: stack.path("none.key") }, /there is no file .*none\.key/);
  told({ ...good, LABYARD_TLS_CERT: good.LABYARD_TLS_KEY }, /is no certificate in PEM/);
  told({ ...good, LABYARD_TLS_KEY: good.LABYARD_TLS_CERT }, /is no private key in PEM/);
  told({ ...good, LABYARD_TLS_KEY: pair(stack, "other").LABYARD_TLS_KEY }, /does not fit the certificate/);
  told(good, /is not for labs\.example\.org/, { page: "https://labs.example.org" });
  const old = stack.path("old.crt");
  openssl("x509", "-in", good.LABYARD_TLS_CERT, "-signkey", good.LABYARD_TLS_KEY, "-days", "0", "-out", old);
  told({ ...good, LABYARD_TLS_CERT: old }, /has expired: have it renewed/);
  const locked = stack.path("locked.key");
  openssl("pkey", "-in", good.LABYARD_TLS_KEY, "-aes256", "-passout", "pass:x", "-out", locked);
  told({ ...good, LABYARD_TLS_KEY: locked }, /without a passphrase/);
});

test("off makes nothing", (t) => {
  const stack = new Stack(t);
  assert.ok(stack.run("remember EDGE_TLS_PORT ''; make_tls; [ -z \"$(https_url)\" ]").ok);
  assert.throws(() => stack.files());
});
