// Types of messages.mjs for its check.
export function generated(): Promise<string>;
