// Owns what a process waits for, in words: its system calls, the files they name, who holds a lock.
import {
  closeSync,
  existsSync,
  openSync,
  readdirSync,
  readlinkSync,
  readSync,
  statSync,
} from "node:fs";

import { head, plain } from "./read.mjs";
import { calls } from "./syscalls.mjs";

const THREADS_MAX = 64;
const PATH_BYTES_MAX = 256;
const TABLE_BYTES_MAX = 1024 * 1024;
const P_PID = 1; // waitid's kind for one child

/** The channel in the kernel, or "". */
export function channelOf(pid) {
  const text = plain(head(`/proc/${pid}/wchan`, 100));
  return text === "0" ? "" : text;
}

/**
 * @param {number} pid
 * @param {import("./processes.mjs").Process[]} all to name its children by
 * @returns {string[]} what its threads wait for; empty when the system doesn't say
 */
export function waitsOf(pid, all) {
  const counted = new Map();
  for (const thread of threadsOf(pid)) {
    const line = head(`/proc/${pid}/task/${thread}/syscall`, 300)?.toString("latin1") ?? "";
    const words = wordsOf(pid, line, all);
    if (words) counted.set(words, (counted.get(words) ?? 0) + 1);
  }
  return [...counted].map(([words, count]) => (count > 1 ? `${words}, ${count} threads` : words));
}

function threadsOf(pid) {
  try {
    return readdirSync(`/proc/${pid}/task`).slice(0, THREADS_MAX);
  } catch {
    return [];
  }
}

/** @param {string} line as in /proc/PID/syscall: a number and six arguments, or "running" */
function wordsOf(pid, line, all) {
  const [number, ...args] = line.trim().split(" ").map(Number);
  if (!Number.isInteger(number) || args.length < 6) return undefined;
  const call = calls.get(number);
  if (!call) return `system call ${number}`;
  const { name, words } = call;
  if (words === "child") return childOf(name, pid, args, all);
  if (words === "open") return `open of ${pathAt(pid, args[name === "open" ? 0 : 1])}`;
  if (!words.includes("%")) return words;
  const file = words.replace("%", () => fileOf(pid, args[0] & 0x7fffffff));
  return words.startsWith("lock") ? `${file}${holderOf(pid)}` : file;
}

function childOf(name, pid, args, all) {
  const one = name === "wait4" ? args[0] % 2 ** 32 : args[1];
  if (name === "wait4" ? one > 0 && one < 2 ** 31 : args[0] === P_PID) return `child ${one} to end`;
  const children = all.filter(({ parent }) => parent === pid).map((child) => child.pid);
  if (children.length === 0) return "a child to end";
  return children.length === 1 ? `child ${children[0]} to end` : `children ${children.join(", ")}`;
}

/** What is behind a number of an open file: "the pipe /tmp/fifo", "the socket to 127.0.0.1:5432". */
function fileOf(pid, fd) {
  const path = `/proc/${pid}/fd/${fd}`;
  try {
    const link = plain(Buffer.from(readlinkSync(path)));
    const about = statSync(path);
    if (about.isFIFO()) return `the pipe ${link}`;
    if (about.isSocket()) return `the socket ${socketOf(pid, about.ino) ?? link}`;
    if (about.isFile()) return `the file ${link}`;
    return link;
  } catch {
    return `open file ${fd}`;
  }
}

/** "127.0.0.1:41234 to 127.0.0.1:5432", or the path of a Unix socket. */
function socketOf(pid, inode) {
  for (const kind of ["tcp", "tcp6"]) {
    for (const line of table(`/proc/${pid}/net/${kind}`)) {
      const fields = line.trim().split(/ +/);
      if (fields[9] !== String(inode)) continue;
      const [own, other] = [address(fields[1]), address(fields[2])];
      return other.endsWith(":0") ? own : `${own} to ${other}`; // who listens has no other side
    }
  }
  for (const line of table(`/proc/${pid}/net/unix`)) {
    const fields = line.trim().split(/ +/);
    if (fields[6] === String(inode)) return fields[7] && plain(Buffer.from(fields[7]));
  }
  return undefined;
}

const table = (path) => (head(path, TABLE_BYTES_MAX)?.toString("latin1") ?? "").split("\n");

/** @param {string} hex as in /proc/net/tcp: words of four bytes, the last byte first */
function address(hex) {
  const [host, port] = hex.split(":");
  const bytes = Buffer.from(host, "hex");
  if (bytes.length % 4 === 0) bytes.swap32();
  const v4 = bytes.length === 4 || bytes.toString("hex").startsWith("00000000000000000000ffff");
  const words = v4 ? [...bytes.subarray(-4)].join(".") : `[${host.toLowerCase()}]`;
  return `${words}:${Number.parseInt(port, 16)}`;
}

/** The text at an address of its memory: a path it opens. */
function pathAt(pid, at) {
  let fd;
  try {
    fd = openSync(`/proc/${pid}/mem`);
    const bytes = Buffer.alloc(PATH_BYTES_MAX);
    const path = bytes.subarray(0, readSync(fd, bytes, 0, bytes.length, at));
    const end = path.indexOf(0);
    return plain(end < 0 ? path : path.subarray(0, end)) || "a file";
  } catch {
    return "a file";
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}

/** ", held by PID 123" for who has the lock that this process waits for. */
function holderOf(pid) {
  const locks = table("/proc/locks").map((line) => line.trim().split(/ +/));
  const waiting = locks.find((fields) => fields[1] === "->" && fields[5] === String(pid));
  const holder = waiting && locks.find(([id, kind]) => id === waiting[0] && kind !== "->");
  if (!holder || Number(holder[4]) <= 0) return "";
  // A child may have inherited the file, and with it the lock.
  const ended = existsSync(`/proc/${holder[4]}`) ? "" : ", which has ended";
  return `, held by PID ${holder[4]}${ended}`;
}
