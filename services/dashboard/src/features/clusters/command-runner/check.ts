// Checks a command before it is sent.

/** As the server counts it: in bytes, which the API document has no word for. */
const COMMAND_BYTES_MAX = 16 << 10;

/** A word that only a shell understands; the command would be given it as an argument. */
const SHELL_WORD = /^(\||\|\||&|&&|;|<|>|>>|2>|2>&1)$/;

/** What is wrong, or `null`. */
export function checkCommand(command: string): string | null {
  const line = command.trim();
  if (line === '') return 'Enter a command';
  if (new TextEncoder().encode(command).length > COMMAND_BYTES_MAX) {
    return `Use at most ${COMMAND_BYTES_MAX / 1024} KiB`;
  }
  return unquoted(line).some((word) => SHELL_WORD.test(word))
    ? `Pipes and redirects need a shell: sh -c '${line.replaceAll("'", "'\\''")}'`
    : null;
}

/** The words of a line that no quote is part of. */
const unquoted = (line: string) =>
  line
    .replaceAll(/\\.|'[^']*'|"(?:\\.|[^"\\])*"/g, '_')
    .split(/\s+/)
    .filter(Boolean);
