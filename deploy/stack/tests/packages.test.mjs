// Packages on a machine that has just booted, or that reaches its mirror by a proxy alone. apt and sudo are stand-ins.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";

const deploy = join(import.meta.dirname, "../..");

/** Runs words of bash after the scripts, with stand-ins by name in front of the machine's own; gives what they wrote down. */
function run(standIns, words, env = {}) {
  const folder = mkdtempSync(join(tmpdir(), "labyard-packages-"));
  try {
    for (const [name, script] of Object.entries(standIns)) {
      writeFileSync(join(folder, name), `#!/bin/sh\n${script}\n`);
      chmodSync(join(folder, name), 0o755);
    }
    const script = `. "${deploy}/lib.sh"; . "${deploy}/stack/packages.sh"; APT_LOOK_S=0.01; log=${folder}/log; missing=(nginx); ${words}`;
    execFileSync("bash", ["-c", script], { env: { ...process.env, ...env, PATH: `${folder}:${process.env.PATH}`, SEEN: join(folder, "seen") } });
    return readFileSync(join(folder, "seen"), "utf8").trim().split("\n");
  } finally {
    rmSync(folder, { recursive: true });
  }
}

// `apt-get -o … update -q`: what it is asked for comes after its options.
const asked = 'case "$*" in *update*) what=update ;; *install*) what=install ;; esac; echo "$what" >>"$SEEN"';
const id = 'case "$*" in -u) echo 0 ;; *) /usr/bin/id "$@" ;; esac';

test("another apt that reads the lists is waited for", () => {
  const busy = `${asked}\n[ "$what" = install ] || [ "$(grep -c update "$SEEN")" -gt 2 ] || { echo "E: Could not get lock /var/lib/apt/lists/lock" >&2; exit 100; }`;
  assert.deepEqual(run({ id, "apt-get": busy }, "install_packages"), ["update", "update", "update", "install"]);
});

test("lists that cannot be read are those of before", () => {
  const away = `${asked}\n[ "$what" = install ] || { echo "E: Temporary failure resolving" >&2; exit 100; }`;
  assert.deepEqual(run({ id, "apt-get": away }, "install_packages"), ["update", "install"]);
});

test("root reaches the network by the caller's proxy", () => {
  const sudo = 'echo "$1" >>"$SEEN"; shift; "$@" >>"$SEEN"';
  const person = 'case "$*" in -u) echo 1000 ;; *) /usr/bin/id "$@" ;; esac';
  const [kept, said] = run({ id: person, sudo }, "as_root echo done", { https_proxy: "http://proxy:3128" });
  assert.equal(said, "done");
  for (const name of ["http_proxy", "https_proxy", "no_proxy", "HTTPS_PROXY", "ALL_PROXY"]) {
    assert.ok(kept.startsWith("--preserve-env=") && kept.slice(15).split(",").includes(name), kept);
  }
});
