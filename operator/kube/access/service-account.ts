// Access to the cluster that this pod runs in, from the files that the kubelet mounts and keeps fresh.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Clock, systemClock } from '../clock.ts';
import type { ClusterAccess } from './cluster-access.ts';

/** Where the kubelet mounts the service account of a pod. */
export const SERVICE_ACCOUNT_DIRECTORY = '/var/run/secrets/kubernetes.io/serviceaccount';

/** The kubelet replaces a token well before it expires; client-go reads it again after a minute too. */
const TOKEN_AGE_MS = 60_000;

/** The apiserver's address as Kubernetes puts it into the environment of each container. */
export interface ServiceAccountPlace {
  readonly host: string;
  readonly port: string;
  readonly directory?: string | undefined;
  readonly clock?: Clock | undefined;
}

/** @throws Error when the files are not there: the pod has no service account mounted. */
export async function serviceAccountAccess(place: ServiceAccountPlace): Promise<ClusterAccess> {
  const { host, port, directory = SERVICE_ACCOUNT_DIRECTORY, clock = systemClock } = place;
  const [ca, namespace] = await Promise.all([read(directory, 'ca.crt'), read(directory, 'namespace')]);
  let token = await read(directory, 'token');
  let readMs = clock.monotonicMs();
  return {
    server: `https://${host.includes(':') ? `[${host}]` : host}:${port}`,
    namespace,
    tls: { ca },
    headers: async (fresh) => {
      if (fresh || clock.monotonicMs() - readMs > TOKEN_AGE_MS) {
        token = await read(directory, 'token');
        readMs = clock.monotonicMs();
      }
      return { Authorization: `Bearer ${token}` };
    },
  };
}

async function read(directory: string, file: string): Promise<string> {
  try {
    return (await readFile(join(directory, file), 'utf8')).trim();
  } catch (cause) {
    throw new Error(`service account: cannot read ${file}; set automountServiceAccountToken: true on the pod`, {
      cause,
    });
  }
}
