// Settings as people write them: in an editor of Windows, copied from a shell, with a port that is none.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";

const deploy = join(import.meta.dirname, "../..");

/** What a setting is after a file of settings was read, and what was said of it. */
function read(file, name, env = {}) {
  const home = mkdtempSync(join(tmpdir(), "labyard-settings-"));
  try {
    writeFileSync(join(home, "labyard.env"), file);
    const script = `. "${deploy}/lib.sh"; . "${deploy}/stack/settings.sh"; printf '%s' "$${name}"`;
    const { PATH, HOME } = process.env;
    const { status, stdout, stderr } = spawnSync("bash", ["-c", script], { env: { PATH, HOME, LABYARD_HOME: home, ...env }, encoding: "utf8" });
    return { status, value: stdout, said: stderr };
  } finally {
    rmSync(home, { recursive: true });
  }
}

test("a value is what was meant, however its line ends and begins", () => {
  for (const line of [
    "LABYARD_OUTGOING_ALLOW=127.0.0.0/8\r\n",
    "LABYARD_OUTGOING_ALLOW=127.0.0.0/8  \n",
    "  LABYARD_OUTGOING_ALLOW=127.0.0.0/8",
    "\ufeffLABYARD_OUTGOING_ALLOW=127.0.0.0/8\n",
    "export LABYARD_OUTGOING_ALLOW=127.0.0.0/8\n",
    'LABYARD_OUTGOING_ALLOW="127.0.0.0/8"\n',
    "LABYARD_OUTGOING_ALLOW='127.0.0.0/8'\n",
    "# a comment\n\n\r\nLABYARD_OUTGOING_ALLOW=127.0.0.0/8\n",
  ]) {
    const { status, value, said } = read(line, "LABYARD_OUTGOING_ALLOW");
    assert.deepEqual([status, value, said], [0, "127.0.0.0/8", ""], JSON.stringify(line));
  }
  assert.equal(read("LABYARD_OIDC=/a b/c'd\n", "LABYARD_OIDC").value, "/a b/c'd");
});

test("the environment wins", () => {
  assert.equal(read("LABYARD_SLOTS=1\n", "LABYARD_SLOTS", { LABYARD_SLOTS: "2" }).value, "2");
});

test("what is no setting is said, and what is no line of settings stops", () => {
  assert.match(read("LABYARD_TLSPORT=1\n", "home").said, /no setting LABYARD_TLSPORT/);
  const { status, said } = read("LABYARD PORT: 3000\n", "home");
  assert.equal(status, 1);
  assert.match(said, /not KEY=value/);
});

test("what is no port is refused by its name", () => {
  for (const name of ["LABYARD_PORT", "LABYARD_API_PORT", "LABYARD_EVENTS_PORT", "LABYARD_TLS_PORT"]) {
    for (const port of ["abc", "70000", "-1", "3000 # page"]) {
      const { status, said } = read("", "home", { [name]: port });
      assert.equal(status, 1, `${name}=${port}`);
      assert.ok(said.includes(`${name} is a port`), said);
    }
    assert.equal(read("", "home", { [name]: "0" }).status, 0);
  }
});
