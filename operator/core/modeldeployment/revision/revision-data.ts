// Whether the data of a ControllerRevision is what a revision is built from. The apiserver takes any JSON there, from whoever
// may write ControllerRevisions.
import { largestRequestBytes, leastRequestBytes, longestRequestSeconds } from '@sluice/crds/contract.ts';
import { bundleUri } from '@sluice/crds/locations.ts';
import { z } from 'zod';
import type { RevisionData } from './revision.ts';

const text = (most: number) => z.string().min(1).max(most);
const requestBytes = z.number().int().min(leastRequestBytes).max(largestRequestBytes).optional();
const seconds = z.number().int().min(1).max(longestRequestSeconds);

const absent = z.undefined().optional();
const quantities = z.record(z.string(), z.string());
const container = z.looseObject({
  name: text(63),
  env: z.array(z.strictObject({ name: z.string(), value: z.string() })).optional(),
  envFrom: absent,
  resources: z.looseObject({ requests: quantities, limits: quantities }),
  securityContext: z.strictObject({
    allowPrivilegeEscalation: z.literal(false),
    readOnlyRootFilesystem: z.literal(true),
    capabilities: z.strictObject({ drop: z.tuple([z.literal('ALL')]) }),
  }),
});
const source = z.looseObject({});
const volume = z.union([
  z.strictObject({ name: text(63), persistentVolumeClaim: source }),
  z.strictObject({ name: text(63), emptyDir: source }),
]);

/** Pods as we build them: none that reads a Secret, sees its node or has more rights than ours. */
const template = z.looseObject({
  metadata: z.looseObject({ labels: z.record(z.string(), z.string()) }),
  spec: z.looseObject({
    ...{ hostNetwork: absent, hostPID: absent, hostIPC: absent, automountServiceAccountToken: z.literal(false) },
    securityContext: z.looseObject({ runAsNonRoot: z.literal(true) }),
    containers: z.array(container).min(1).max(8),
    initContainers: z.array(container).max(8).optional(),
    volumes: z.array(volume).max(16),
  }),
});

/** As much as is read; what an earlier release wrote besides stays as it is, so that its pods do. */
const schema = z.looseObject({
  version: text(253),
  digest: text(71),
  uri: bundleUri,
  bytes: z.union([z.number().int().min(0), z.literal('Unknown')]).optional(),
  modelName: text(40),
  image: text(512),
  resources: z.looseObject({ cpu: text(32), memory: text(32) }),
  scheduling: z.looseObject({}),
  settings: z.looseObject({ requestTimeoutSeconds: seconds, drainSeconds: seconds, maxRequestBytes: requestBytes }),
  template: template.optional(),
});

export const isRevisionData = (data: unknown): data is RevisionData => schema.safeParse(data).success;
