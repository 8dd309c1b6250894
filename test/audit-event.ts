// One line of the apiserver's audit log, as far as tests read it.

/** What the apiserver notes of a request; what a policy leaves out is absent. */
export type AuditEvent = {
  readonly stage: string;
  readonly verb: string;
  readonly user: { readonly username: string };
  readonly responseStatus?: { readonly code?: number; readonly message?: string };
  readonly objectRef?: {
    readonly resource?: string;
    readonly apiGroup?: string;
    readonly subresource?: string;
    readonly namespace?: string;
    readonly name?: string;
  };
};

/** What the request was about, as RBAC writes it: `jobs.batch`, `trainingjobs.sluice.dev/status`, `pods`. */
export function auditedResource({ objectRef = {} }: AuditEvent): string {
  const { resource = '', apiGroup, subresource } = objectRef;
  return `${resource}${apiGroup ? `.${apiGroup}` : ''}${subresource ? `/${subresource}` : ''}`;
}
