// Counts requests in the apiserver's audit log: whose, what, and whether they changed anything.
import { readFile } from 'node:fs/promises';

/** One request that was answered; `resource` as RBAC writes it: `jobs.batch`, `trainingjobs.sluice.dev/status`. */
export type Request = {
  readonly user: string;
  readonly verb: string;
  readonly resource: string;
  readonly code: number;
};

type AuditLine = {
  readonly stage: string;
  readonly verb: string;
  readonly user: { readonly username: string };
  readonly responseStatus?: { readonly code?: number };
  readonly objectRef?: { readonly resource?: string; readonly apiGroup?: string; readonly subresource?: string };
};

const writeVerbs = ['create', 'update', 'patch', 'delete', 'deletecollection'];

/** Counted apart: an Event is told beside the work and may be dropped. */
const isEvent = ({ resource }: Request) => resource === 'events' || resource === 'events.events.k8s.io';

/** A request that changed something: refused ones did not. Events are not counted. */
export const isWrite = (request: Request) =>
  writeVerbs.includes(request.verb) && request.code < 400 && !isEvent(request);

/** Reads the log as it is now; a last line that is not whole yet is left out. */
export async function readAuditLog(path: string): Promise<Request[]> {
  return parseAuditLog(await readFile(path, 'utf8'));
}

/** A watch has two lines, one when it opens and one when it ends: only whole requests count. */
export function parseAuditLog(text: string): Request[] {
  const lines = text.slice(0, text.lastIndexOf('\n') + 1).split('\n');
  return lines
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as AuditLine)
    .filter(({ stage }) => stage === 'ResponseComplete')
    .map(requestOf);
}

function requestOf({ user, verb, objectRef, responseStatus }: AuditLine): Request {
  const group = objectRef?.apiGroup ? `.${objectRef.apiGroup}` : '';
  const part = objectRef?.subresource ? `/${objectRef.subresource}` : '';
  return {
    user: user.username,
    verb,
    resource: `${objectRef?.resource ?? ''}${group}${part}`,
    code: responseStatus?.code ?? 0,
  };
}

/** How often each combination of user, verb, resource and failure occurred, most frequent first. */
export function tally(requests: readonly Request[]): (readonly [what: string, times: number])[] {
  const counts = new Map<string, number>();
  for (const { user, verb, resource, code } of requests) {
    const what = `${user.split(':').at(-1)} ${verb} ${resource}${code >= 400 ? ` (${code})` : ''}`;
    counts.set(what, (counts.get(what) ?? 0) + 1);
  }
  return [...counts].sort(([, a], [, b]) => b - a);
}
