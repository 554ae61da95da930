// Owns what is written where: lines and the progress on stderr, the summary on stdout.
import { movingLine, stamped, wholeLine } from "./progress.mjs";

const MOVES_EVERY_S = 1;
const LINE_EVERY_S = 30;
const COLUMNS_USUAL = 80;
const CLEAR = "\r\x1b[K";

/** @typedef {{write(text: string): unknown, isTTY?: boolean, columns?: number}} Stream */

export class Output {
  #moving = false; // whether the progress stands in the terminal's last line
  #shownAt = 0;

  /**
   * @param {{out: Stream, err: Stream, now?: () => number, terminal?: string}} to `now` in milliseconds
   * @param {number} elapsed seconds since the start that lines are stamped from
   */
  constructor({ out, err, now = () => performance.now(), terminal = process.env.TERM }, elapsed = 0) {
    this.out = out;
    this.err = err;
    this.now = now;
    this.began = now() - elapsed * 1000;
    this.moves = Boolean(err.isTTY) && terminal !== "dumb";
  }

  get seconds() {
    return (this.now() - this.began) / 1000;
  }

  /** A line with the seconds since the start. */
  say(text) {
    this.lines([stamped(this.seconds, text)]);
  }

  /** Lines as they are, on stderr. */
  lines(lines) {
    this.#clear();
    this.err.write(`${lines.join("\n")}\n`);
  }

  /** The end of it all, on stdout. */
  result(text) {
    this.#clear();
    this.out.write(text);
  }

  /**
   * Shows the progress when it is time to.
   *
   * @param {() => {jobs: string, rest: string}} progress
   */
  show(progress) {
    const every = this.moves ? MOVES_EVERY_S : LINE_EVERY_S;
    const again = this.moves && !this.#moving; // another line has cleared it
    if (!again && this.seconds - this.#shownAt < every) return;
    this.#shownAt = this.seconds;
    if (this.moves) {
      const line = movingLine(this.seconds, progress(), this.err.columns || COLUMNS_USUAL);
      this.err.write(`${CLEAR}${line}`);
      this.#moving = true;
    } else {
      this.lines([wholeLine(this.seconds, progress())]);
    }
  }

  #clear() {
    if (this.#moving) this.err.write(CLEAR);
    this.#moving = false;
  }
}
