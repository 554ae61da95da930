// Owns what a job says of its step: a short text in the file that LABYARD_STEP_FILE names.
import { head, plain } from "./read.mjs";

export const STEP_BYTES_MAX = 200;

/**
 * @param {string} file it may be missing, empty, half-written, huge or garbage
 * @param {string} before what it said when it was last read
 */
export function readStep(file, before = "") {
  const bytes = head(file, STEP_BYTES_MAX);
  if (bytes === undefined) return "";
  return plain(bytes) || before; // empty: it is being written
}
