// Types of limits.mjs for its check.
export function generated(): Promise<string>;
