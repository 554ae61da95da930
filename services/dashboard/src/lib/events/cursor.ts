// Cursors: positions in the log as text, `<incarnation>-<position>`.

export interface LogPosition {
  incarnation: string;
  position: number;
}

export function parseCursor(text: string | null | undefined): LogPosition | undefined {
  const match = /^([0-9a-f]{8})-(\d+)$/.exec(text ?? '');
  return match?.[1] && match[2] ? { incarnation: match[1], position: Number(match[2]) } : undefined;
}

/** Whether `a` is surely later in the log than `b`; cursors of different incarnations are not. */
export function isAfter(a: string | null, b: string | null): boolean {
  const [left, right] = [parseCursor(a), parseCursor(b)];
  if (!left || !right || left.incarnation !== right.incarnation) return false;
  return left.position > right.position;
}
