// Owns bounded reading: pieces of files that may be anything, the end of logs, their lines.
import { closeSync, constants, createReadStream, fstatSync, openSync, readSync } from "node:fs";

const LONGEST_LINE = 4096; // characters; the rest of a longer one is dropped
const TAIL_BYTES = 64 * 1024;

/** At most `limit` first bytes of a regular file, or undefined; what is no file is never waited for. */
export const head = (path, limit) => piece(path, 0, limit);

/** The same from a place in it. */
export function piece(path, from, limit) {
  let fd;
  try {
    fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    if (!fstatSync(fd).isFile()) return undefined;
    const bytes = Buffer.alloc(limit);
    return bytes.subarray(0, readSync(fd, bytes, 0, limit, from));
  } catch {
    return undefined;
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}

/** The last `count` lines of a file; of very long ones only their end. */
export function tail(path, count) {
  let fd;
  try {
    fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const { size } = fstatSync(fd);
    if (size === 0) return [];
    const bytes = Buffer.alloc(Math.min(size, TAIL_BYTES));
    const read = readSync(fd, bytes, 0, bytes.length, size - bytes.length);
    const lines = bytes.toString("utf8", 0, read).replace(/\n$/, "").split("\n");
    if (size > bytes.length && lines.length > 1) lines.shift(); // it may have lost its beginning
    return lines.slice(-count);
  } catch {
    return [];
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}

/** The lines of a file, one at a time; none when it can't be read. */
export async function* linesOf(path) {
  let rest = "";
  try {
    for await (const chunk of createReadStream(path, { encoding: "utf8" })) {
      const lines = (rest + chunk).split("\n");
      rest = lines.pop().slice(0, LONGEST_LINE);
      for (const line of lines) yield line.slice(0, LONGEST_LINE);
    }
  } catch {
    // It is gone: there is nothing to read.
  }
  if (rest !== "") yield rest;
}

/** One line of it, without anything that could move a terminal's cursor. */
export function plain(bytes = new Uint8Array()) {
  return new TextDecoder()
    .decode(bytes, { stream: true }) // a character that was cut off is left out
    .replace(/\p{Cc}\[[0-9;?]*[ -/]*[@-~]/gu, "") // a color
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\ufffd]+/gu, " ")
    .replace(/ {2,}/g, " ")
    .trim();
}
