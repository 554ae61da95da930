// Owns the file of durations: what each job of each plan took when it last passed.
import { mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

import { head } from "./read.mjs";

const BYTES_MAX = 1024 * 1024;

const isObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value);

function readAll(file) {
  try {
    const all = JSON.parse(head(file, BYTES_MAX).toString());
    return isObject(all) ? all : {};
  } catch {
    return {};
  }
}

/** @returns {Map<string, number>} seconds by job; empty when the file can't be read */
export function readHistory(file, title) {
  const all = file === undefined ? {} : readAll(file);
  const own = Object.hasOwn(all, title) && isObject(all[title]) ? all[title] : {};
  return new Map(Object.entries(own).filter(([, took]) => Number.isFinite(took) && took > 0));
}

/** Replaces the file at once or not at all; one that can't be read is replaced too. */
export function remember(file, title, name, seconds) {
  if (file === undefined) return;
  const durations = readHistory(file, title).set(name, Math.round(seconds * 10) / 10 || 0.1);
  const all = { ...readAll(file), [title]: Object.fromEntries(durations) };
  const part = `${file}.${process.pid}.part`;
  try {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(part, `${JSON.stringify(all, null, 2)}\n`);
    renameSync(part, file);
  } catch (error) {
    rmSync(part, { force: true });
    throw error;
  }
}
