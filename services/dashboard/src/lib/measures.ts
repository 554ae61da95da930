// Amounts in words.

const MIB_PER_GIB = 1024;
const MILLIS = 1000;

const short = (number: number) =>
  number >= 100 ? String(Math.round(number)) : String(Math.round(number * 10) / 10);

export const gib = (mib: number) => `${short(mib / MIB_PER_GIB)} GiB`;

export const cpus = (millis: number) => `${short(millis / MILLIS)} CPU`;

/** A share in percent, 0 to 100; 0 of a whole that is 0. */
export const share = (part: number, whole: number) =>
  whole > 0 ? Math.min(100, Math.max(0, Math.round((part / whole) * 100))) : 0;
