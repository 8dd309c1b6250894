// Counts requests in the apiserver's audit log: whose, what, and whether they changed anything.
import { readFile } from 'node:fs/promises';
import { type AuditEvent, auditedResource } from '../../audit-event.ts';

/** One request that was answered; `resource` as RBAC writes it: `jobs.batch`, `trainingjobs.sluice.dev/status`. */
export type Request = {
  readonly user: string;
  readonly verb: string;
  readonly resource: string;
  readonly code: number;
};

const writeVerbs = ['create', 'update', 'patch', 'delete', 'deletecollection'];

/** Counted apart: an Event is told beside the work and may be dropped. */
const isEvent = ({ resource }: Request) => resource === 'events' || resource === 'events.events.k8s.io';

/** A request that changed something: refused ones did not. Events are not counted. */
export const isWrite = (request: Request) => isChange(request) && !isEvent(request);

/** A request that changed something, Events among them. */
export const isChange = ({ verb, code }: Request) => writeVerbs.includes(verb) && code < 400;

/** Reads the log as it is now; a last line that is not whole yet is left out. */
export async function readAuditLog(path: string): Promise<Request[]> {
  return parseAuditLog(await readFile(path, 'utf8'));
}

/** A watch has two lines, one when it opens and one when it ends: only whole requests count. */
export function parseAuditLog(text: string): Request[] {
  const lines = text.slice(0, text.lastIndexOf('\n') + 1).split('\n');
  return lines
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as AuditEvent)
    .filter(({ stage }) => stage === 'ResponseComplete')
    .map(requestOf);
}

function requestOf(event: AuditEvent): Request {
  const { user, verb, responseStatus } = event;
  return { user: user.username, verb, resource: auditedResource(event), code: responseStatus?.code ?? 0 };
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
