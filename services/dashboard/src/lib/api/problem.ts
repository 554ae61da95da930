// Everything that can go wrong with a request, as one error that every view can show.
import type { FieldError, Problem, Reason } from './types';

export class ApiError extends Error {
  override readonly name = 'ApiError';
  /** 0 when no answer came at all. */
  readonly status: number;
  readonly code: string;
  readonly title: string;
  readonly fix: string;
  readonly errors: FieldError[];
  readonly requestId?: string;

  constructor(problem: {
    status: number;
    code: string;
    title: string;
    message: string;
    fix: string;
    errors?: FieldError[];
    requestId?: string;
  }) {
    super(problem.message);
    this.status = problem.status;
    this.code = problem.code;
    this.title = problem.title;
    this.fix = problem.fix;
    this.errors = problem.errors ?? [];
    this.requestId = problem.requestId;
  }
}

const isReason = (value: unknown): value is Reason =>
  typeof value === 'object' && value !== null && 'message' in value && 'fix' in value;

/** The error of an answer that is no success; `body` may be anything a proxy has put there. */
export function fromAnswer(status: number, body: unknown): ApiError {
  const problem = (typeof body === 'object' && body !== null ? body : {}) as Partial<Problem>;
  const reason = isReason(problem.reason) ? problem.reason : undefined;
  const busy = status === 429 || status >= 500;
  return new ApiError({
    status,
    code: problem.code ?? 'unknown',
    title: problem.title ?? (busy ? 'The server can’t answer right now' : 'Something went wrong'),
    message: reason?.message ?? problem.detail ?? `The server answered with status ${status}.`,
    fix: reason?.fix ?? (busy ? 'Try again in a few seconds.' : ''),
    errors: Array.isArray(problem.errors) ? problem.errors : [],
    // Every answer has one; it is worth showing where somebody else has to look for the cause.
    requestId: (status >= 500 && problem.request_id) || undefined,
  });
}

/** No answer came: the server or the way to it is down. */
export const unreachable = () =>
  new ApiError({
    status: 0,
    code: 'unreachable',
    title: 'Can’t reach the server',
    message: 'The server isn’t responding.',
    fix: 'Check your connection. If this keeps happening, contact your administrator.',
  });

/** The password was right, and the browser did not keep the session's cookie. */
export const notKept = () =>
  new ApiError({
    status: 0,
    code: 'not_kept',
    title: 'Your browser didn’t keep the login',
    message: 'Your password is correct, but your browser blocked the login cookie.',
    fix: 'Allow cookies for this site, or open labyard at its https address.',
  });

/** Whatever was thrown, as an error that can be shown. */
export function toApiError(thrown: unknown): ApiError {
  if (thrown instanceof ApiError) return thrown;
  return new ApiError({
    status: 0,
    code: 'internal',
    title: 'Something went wrong on this page',
    message: thrown instanceof Error ? thrown.message : String(thrown),
    fix: 'Reload the page.',
  });
}

/** One sentence for a toast. */
export const inOneLine = (error: ApiError) => [error.message, error.fix].filter(Boolean).join(' ');

/**
 * Sorts an error's field messages: those of fields the form has, by name, and the rest.
 * A pointer is a JSON Pointer into the body: to a field (`/ttl_hours`) or into one (`/types/0`).
 */
export function byField<Field extends string>(
  error: ApiError,
  fields: readonly Field[],
): { known: Partial<Record<Field, string>>; other: string[] } {
  const known: Partial<Record<Field, string>> = {};
  const other: string[] = [];
  for (const { pointer, detail } of error.errors) {
    const name = pointer.replace(/^\//, '').replaceAll('~1', '/').replaceAll('~0', '~');
    const field = fields.find(
      (candidate) => candidate === name || name.startsWith(`${candidate}/`),
    );
    if (field && !known[field]) known[field] = asSentence(detail);
    else other.push(name ? `${name}: ${detail}.` : asSentence(detail));
  }
  return { known, other };
}

/** The messages for a form's own fields, by their names. */
export const atFields = <Field extends string>(thrown: unknown, fields: readonly Field[]) =>
  byField(toApiError(thrown), fields).known;

/** The error to show above a form: none when each of its messages stands at a field. */
export function aboveFields(thrown: unknown, fields: readonly string[]): ApiError | null {
  if (!thrown) return null;
  const error = toApiError(thrown);
  const all = error.errors.length > 0 && byField(error, fields).other.length === 0;
  return all ? null : error;
}

const asSentence = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);

/** The server, or the way to it, was down: the next request may succeed. */
export const isPassing = (error: unknown) =>
  error instanceof ApiError && (error.status === 0 || error.status >= 500);

/** The object is not there, or not for this person. */
export const isGone = (error: unknown) => error instanceof ApiError && error.status === 404;
