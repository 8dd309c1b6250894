// What somebody asked of the apiserver, by the audit log of the cluster's node.
import { type AuditEvent, auditedResource } from '../audit-event.ts';
import type { World } from './world.ts';

const directory = '/var/log/kubernetes';

/** One request; `resource` as RBAC writes it: `jobs.batch`, `trainingjobs.sluice.dev/status`, `pods`. */
export type AuditedRequest = {
  readonly verb: string;
  readonly resource: string;
  readonly namespace: string;
  readonly code: number;
  /** What the apiserver said when it refused; otherwise empty. */
  readonly message: string;
};

/** The requests of a user, also those in rotated files. @throws CommandError when the node writes no audit log. */
export async function auditedRequests(world: World, user: string): Promise<AuditedRequest[]> {
  // The last line may be half written.
  const search = `ls ${directory}/audit*.log >/dev/null
    cat ${directory}/audit*.log | sed '$d' | { grep -F "\\"username\\":\\"$0\\"" || true; }`;
  const lines = (await world.onNode(['sh', '-ec', search, user])).split('\n').filter(Boolean);
  return lines.map((line) => requestOf(JSON.parse(line) as AuditEvent));
}

function requestOf(event: AuditEvent): AuditedRequest {
  const { verb, objectRef, responseStatus } = event;
  return {
    verb,
    resource: auditedResource(event),
    namespace: objectRef?.namespace ?? '',
    code: responseStatus?.code ?? 0,
    message: responseStatus?.message ?? '',
  };
}
