// A mutating admission webhook, answered in the test's process, that does what those of strangers' clusters do to whatever
// they are asked about, and notes which writes it saw.
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import type { KubeObject, Resource } from '@sluice/operator/kube/objects.ts';
import { createAuthority } from '@sluice/operator/kube/testing/certificates.ts';
import type { Cluster } from '../kube/cluster.ts';

/** A write that passed, whether it changed anything or not. */
export type SeenWrite = {
  readonly kind: string;
  readonly name: string;
  readonly operation: string;
  readonly by: string;
};

/** What is asked, as far as it is read. */
type Review = {
  readonly request: {
    readonly uid: string;
    readonly kind: { readonly kind: string };
    readonly name: string;
    readonly operation: string;
    readonly options?: { readonly fieldManager?: string };
    readonly object: KubeObject;
  };
};

/** Makes of an object what shall be stored. */
export type Mutation = (object: KubeObject) => KubeObject;

/** Listening; `url` and `caBundle` are for its configuration. */
export type MutatingWebhook = {
  readonly url: string;
  readonly caBundle: string;
  readonly seen: SeenWrite[];
  close(): Promise<void>;
};

/** Starts one on a free loopback port. */
export async function startWebhook(mutate: Mutation): Promise<MutatingWebhook> {
  const authority = createAuthority('webhooks');
  const seen: SeenWrite[] = [];
  const server = createServer(authority.issue('webhook'), (incoming, response) => {
    const answer = async (): Promise<void> => {
      const { request } = (await json(incoming)) as Review;
      const { uid, kind, name, operation, options, object } = request;
      seen.push({ kind: kind.kind, name, operation, by: options?.fieldManager ?? '' });
      const patch = JSON.stringify([{ op: 'replace', path: '', value: mutate(object) }]);
      const verdict = { uid, allowed: true, patchType: 'JSONPatch', patch: Buffer.from(patch).toString('base64') };
      response.setHeader('Content-Type', 'application/json');
      response.end(JSON.stringify({ apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', response: verdict }));
    };
    answer().catch((error: unknown) => response.destroy(error instanceof Error ? error : new Error(String(error))));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `https://127.0.0.1:${port}/`,
    caBundle: Buffer.from(authority.ca).toString('base64'),
    seen,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

const webhooks: Resource = {
  group: 'admissionregistration.k8s.io',
  version: 'v1',
  kind: 'MutatingWebhookConfiguration',
  plural: 'mutatingwebhookconfigurations',
  namespaced: false,
};

const rule = (apiGroups: string[], of: string[]) => ({
  apiGroups,
  apiVersions: ['*'],
  operations: ['CREATE', 'UPDATE'],
  resources: of,
});

/** Has the apiserver ask it about what is written in the namespace. @returns what ends that. */
export async function configureWebhook(
  { client, namespace }: Cluster,
  webhook: MutatingWebhook,
): Promise<() => Promise<void>> {
  const each = {
    name: 'strangers.example.com',
    clientConfig: { url: webhook.url, caBundle: webhook.caBundle },
    rules: [
      rule([''], ['services', 'configmaps']),
      rule(['apps'], ['deployments', 'controllerrevisions']),
      rule(['policy'], ['poddisruptionbudgets']),
      rule(['batch'], ['jobs']),
    ],
    namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } },
    sideEffects: 'None',
    admissionReviewVersions: ['v1'],
    timeoutSeconds: 5,
  };
  const { metadata } = await client.apply(webhooks, {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'MutatingWebhookConfiguration',
    metadata: { name: `strangers-${namespace}` },
    webhooks: [each],
  } as KubeObject);
  return () => client.delete(webhooks, metadata, { uid: metadata.uid }).then(() => {});
}
