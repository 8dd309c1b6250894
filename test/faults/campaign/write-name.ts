// Names a write so that the same one is known again in another run.
import type { ApiRequest } from '../proxy/api-request.ts';

type Write = Pick<ApiRequest, 'verb' | 'group' | 'resource' | 'subresource' | 'name' | 'body'>;

/** For example `patch jobs.batch fit-1`; an Event, whose name is made of a time, goes by what it tells. */
export function writeName({ verb, group, resource, subresource, name, body }: Write): string {
  const part = subresource === '' ? '' : `/${subresource}`;
  const kind = group === '' ? resource : `${resource}.${group}`;
  return `${verb} ${kind}${part} ${resource === 'events' ? tale(body) : name.replace(questionHash, '-*')}`;
}

/** The end of an evaluation's name: a hash of what is asked, the namespace of this run in it. */
const questionHash = /-[0-9a-f]{8}$/;

function tale(body: string): string {
  const { reason, regarding } = JSON.parse(body) as { reason?: string; regarding?: { kind?: string; name?: string } };
  return `${reason} of ${regarding?.kind} ${regarding?.name}`;
}

/** Renewals of the lease come with time, not with what is done; fail-over has scenarios of its own. */
export const isRenewal = ({ verb, resource }: Write): boolean => resource === 'leases' && verb === 'update';
