// Statuses as the page writes them: the API has them in capitals.

/** `RUNNING` is `Running`, whatever a later version has besides. */
export const statusWord = (status: string) =>
  (status.charAt(0) + status.slice(1).toLowerCase()).replaceAll('_', ' ');
