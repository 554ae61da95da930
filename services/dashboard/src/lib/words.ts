// Statuses and counts as the page writes them.

/** `RUNNING` is `Running`: any status, those of later versions too. */
export const statusWord = (status: string) =>
  (status.charAt(0) + status.slice(1).toLowerCase()).replaceAll('_', ' ');

/** `1 cluster`, `2 clusters`. */
export const count = (number: number, one: string, many = `${one}s`) =>
  `${number} ${number === 1 ? one : many}`;
