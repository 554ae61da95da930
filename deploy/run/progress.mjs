// Owns the words of the progress: what runs, what each says of its step, how much is left. Pure.
import { left } from "./time.mjs";

const SEPARATOR = " · ";
const KEPT_WIDTH = 40; // columns from which on the estimate is kept when the rest is cut

/** A line with the seconds since the start, as deploy/lib.sh's say. */
export function stamped(seconds, text) {
  return `${String(Math.floor(seconds)).padStart(5)} s  ${text}`;
}

/**
 * @param {{name: string, step: string}[]} running
 * @param {number | undefined} rest seconds
 * @returns {{jobs: string, rest: string}}
 */
export function progress(running, rest) {
  return {
    jobs: running.map(({ name, step }) => (step ? `${name}: ${step}` : name)).join(SEPARATOR),
    rest: rest === undefined ? "" : left(rest),
  };
}

/** One line of a log. */
export function wholeLine(seconds, { jobs, rest }) {
  return stamped(seconds, [jobs, rest].filter(Boolean).join(SEPARATOR));
}

/** One line of a terminal: never as wide as it, so that it never wraps. */
export function movingLine(seconds, { jobs, rest }, columns) {
  const width = columns - 1;
  const end = rest && columns >= KEPT_WIDTH ? `${SEPARATOR}${rest}` : "";
  const start = end ? stamped(seconds, jobs) : wholeLine(seconds, { jobs, rest });
  return cut(start, width - end.length) + end;
}

function cut(text, width) {
  const characters = [...text];
  if (characters.length <= width) return text;
  return width < 1 ? "" : `${characters.slice(0, width - 1).join("")}…`;
}
