// Earlier commands, browsed with the arrow keys. Kept in memory alone: commands can hold secrets.

const HISTORY_MAX = 100;

export class History {
  private readonly commands: string[] = [];
  /** Which command is shown; past the end is the line being typed. */
  private at = 0;
  private draft = '';

  add(command: string) {
    if (this.commands.at(-1) !== command) this.commands.push(command);
    if (this.commands.length > HISTORY_MAX) this.commands.shift();
    this.at = this.commands.length;
    this.draft = '';
  }

  older(current: string): string {
    if (this.at === this.commands.length) this.draft = current;
    this.at = Math.max(0, this.at - 1);
    return this.commands[this.at] ?? current;
  }

  newer(current: string): string {
    if (this.at >= this.commands.length) return current;
    this.at += 1;
    return this.commands[this.at] ?? this.draft;
  }
}
