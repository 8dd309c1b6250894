// The Secret that holds the operator's identity: what is written there, and the only verbs that the operator has for it.
import { KubeClient } from '../../kube/client.ts';
import type { KubeObject } from '../../kube/objects.ts';
import { objectPath, RESOURCES } from '../../kube/resources.ts';
import type { Transport } from '../../kube/transport/transport.ts';
import { type Identity, identityFiles } from './identity.ts';

/** Its name; the chart mounts it under this one. */
export const identitySecret = 'sluice-operator-identity';

export type IdentitySecret = {
  /** @throws ApiError AlreadyExists when there is one. */
  create(secret: KubeObject): Promise<unknown>;
  /** Whether this replica leads: only one makes a new one of it. */
  mayReplace(): boolean;
  /** Puts another one in the place of the one that there is. */
  replace(secret: KubeObject): Promise<unknown>;
};

/** @param transport one that writes for every replica, also for those that do not lead: they may all be the first. */
export function identitySecretOn(
  transport: Transport,
  { fieldManager, isLeader }: { readonly fieldManager: string; isLeader(): boolean },
): IdentitySecret {
  const client = new KubeClient(transport, { fieldManager });
  const create = (secret: KubeObject) => client.create(RESOURCES.secrets, secret);
  return {
    create,
    mayReplace: isLeader,
    replace: async (secret) => {
      const path = objectPath(RESOURCES.secrets, secret.metadata);
      await transport.request({ method: 'DELETE', path, deadline: 'write' });
      await create(secret);
    },
  };
}

/** What is written. */
export const secretOf = ({ certificate, key }: Identity, namespace: string) => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name: identitySecret, namespace, labels: { 'app.kubernetes.io/name': 'sluice' } },
  type: 'kubernetes.io/tls',
  stringData: { [identityFiles.certificate]: certificate, [identityFiles.key]: key },
});
