// Reads why the apiserver, or a proxy on the way to it, refused a request.
import type { ApiFailure } from '../errors.ts';
import { isRecord } from '../objects.ts';

/** A refusal as it came: `text` is the body, `retryAfter` the header. */
export interface RefusedAnswer {
  readonly status: number;
  readonly text: string;
  readonly retryAfter: string | string[] | undefined;
}

/** What the `Status` object says, or as much as can be told when a proxy answered instead. `what` names the request. */
export function readRefusal(what: string, answer: RefusedAnswer): ApiFailure {
  const { status, text, retryAfter } = answer;
  const body = parseStatus(text);
  const details = isRecord(body['details']) ? body['details'] : {};
  const { reason, message } = body;
  const said = typeof message === 'string' ? message : text.slice(0, 200);
  return {
    status,
    reason: typeof reason === 'string' ? reason : 'Unknown',
    message: `${what}: ${status} ${said}`,
    said,
    fields: causesBy('field', details['causes']),
    causes: causesBy('reason', details['causes']),
    retryAfterSeconds:
      seconds(Array.isArray(retryAfter) ? retryAfter[0] : retryAfter) ?? seconds(details['retryAfterSeconds']),
  };
}

/** The apiserver writes Retry-After in seconds, never as a date. */
function seconds(value: unknown): number | undefined {
  if (value === undefined) return undefined;
  const parsed = Number(value);
  return Number.isFinite(parsed) && parsed >= 0 ? parsed : undefined;
}

function causesBy(key: 'field' | 'reason', causes: unknown): string[] {
  if (!Array.isArray(causes)) return [];
  return causes.flatMap((cause: unknown) => {
    const value = isRecord(cause) ? cause[key] : undefined;
    return typeof value === 'string' ? [value] : [];
  });
}

/** What is not JSON (a proxy's page) has no reason, only its text. */
function parseStatus(text: string): Record<string, unknown> {
  try {
    const parsed: unknown = JSON.parse(text);
    return isRecord(parsed) ? parsed : {};
  } catch (error) {
    return { message: `${text.slice(0, 200)} (${String(error)})` };
  }
}
