// What a command may be, as crates/domain/src/limits.rs has it.

export const COMMAND_BYTES_MAX = 16 << 10;

/** What is wrong, or `null`. */
export function checkCommand(command: string): string | null {
  if (command.trim() === '') return 'A command is needed';
  return new TextEncoder().encode(command).length > COMMAND_BYTES_MAX
    ? `At most ${COMMAND_BYTES_MAX / 1024} KiB`
    : null;
}
