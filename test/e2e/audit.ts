// What somebody asked of the apiserver, by the audit log of the cluster's node.
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

type AuditEvent = {
  readonly stage: string;
  readonly verb: string;
  readonly user: { readonly username: string };
  readonly responseStatus?: { readonly code?: number; readonly message?: string };
  readonly objectRef?: {
    readonly resource?: string;
    readonly apiGroup?: string;
    readonly subresource?: string;
    readonly namespace?: string;
  };
};

/** The requests of a user, also those in rotated files. @throws CommandError when the node writes no audit log. */
export async function auditedRequests(world: World, user: string): Promise<AuditedRequest[]> {
  const search = `ls ${directory}/audit*.log >/dev/null
    cat ${directory}/audit*.log | { grep -F "\\"username\\":\\"$0\\"" || true; }`;
  const lines = (await world.onNode(['sh', '-ec', search, user])).split('\n').filter(Boolean);
  return lines.map((line) => requestOf(JSON.parse(line) as AuditEvent));
}

function requestOf({ verb, objectRef, responseStatus }: AuditEvent): AuditedRequest {
  const { resource = '', apiGroup, subresource, namespace = '' } = objectRef ?? {};
  const group = apiGroup ? `.${apiGroup}` : '';
  const part = subresource ? `/${subresource}` : '';
  return {
    verb,
    resource: `${resource}${group}${part}`,
    namespace,
    code: responseStatus?.code ?? 0,
    message: responseStatus?.message ?? '',
  };
}
