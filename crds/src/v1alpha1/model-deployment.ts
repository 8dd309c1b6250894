// ModelDeployment: turns a ModelVersion into live traffic.
import { z } from 'zod';
import {
  defaultLimits,
  largestRequestBytes,
  largestTensorElements,
  leastRequestBytes,
  longestRequestSeconds,
} from '../contract.ts';
import {
  conditionList,
  cpuLimitRule,
  describe,
  digest,
  exactlyOne,
  integer,
  listMap,
  memoryFrom,
  nameRule,
  objectName,
  observedGeneration,
  quantity,
  quotaFields,
  shortName,
  time,
} from '../fragments.ts';
import type { Kind } from '../kind.ts';
import { podMetadataSchema } from '../pods/pod-metadata.ts';
import { schedulingSchema } from '../pods/scheduling.ts';
import { corsSchema } from './cors.ts';
import { fallbackSchema } from './fallback.ts';
import { gatesSchema } from './gates.ts';
import { exposedAsSchema } from './gateway/expose.ts';
import { rolloutSchema } from './rollout.ts';
import {
  evidenceSchema,
  formerList,
  gateStatusList,
  rejectedList,
  revisionHash,
  revisionRecord,
  rolloutStatusSchema,
} from './rollout-status.ts';

const modelSchema = z
  .object({
    name: shortName.meta(describe('The model; it is served as /v2/models/<name>.')),
    track: z.enum(['Latest']).optional().meta(describe('Latest: follow the highest number that is Ready.')),
    version: objectName.optional().meta(describe('Pin this ModelVersion, e.g. digits-3.')),
    digest: digest.optional().meta(describe('Pin the model with these bytes, whatever number it has.')),
  })
  .meta(
    describe(
      'Which model is served.',
      {
        ...exactlyOne(['track', 'version', 'digest']),
        message: 'set exactly one of model.track (Latest), model.version and model.digest',
      },
      {
        rule: "!has(self.version) || self.version.matches('^' + self.name + '-[1-9][0-9]*$')",
        message: 'model.version must be a version of model.name: <model.name>-<number>',
      },
    ),
  );

/** What a pod needs for each byte of its largest requests: four at once, as bytes, text and numbers. */
const memoryPerRequestByte = 24;

const limitsSchema = z
  .object({
    requestBytes: integer(leastRequestBytes, largestRequestBytes)
      .default(defaultLimits.requestBytes)
      .meta(describe('Largest body of a request, also when it is uncompressed; beyond it the answer is 413.')),
    tensorElements: integer(1, largestTensorElements)
      .default(defaultLimits.tensorElements)
      .meta(describe('Most elements of all inputs of a request together; beyond it the answer is 413.')),
  })
  .prefault({})
  .meta(describe('How large a request may be. The gateway refuses what is larger before a server hears of it.'));

const serverSchema = z
  .object({
    replicas: integer(0, 100)
      .default(2)
      .meta(
        describe('Pods per revision. Leave it out of manifests when an autoscaler sets it.', {
          rule: 'self >= 1',
          message:
            'server.replicas must be at least 1: there is no scale to zero; delete the ModelDeployment to free its pods',
        }),
      ),
    resources: z
      .object({
        cpu: quantity.default('100m').meta(describe('CPU request.')),
        memory: memoryFrom('64Mi').default('256Mi'),
        ...quotaFields,
      })
      .prefault({})
      .meta(describe('What each server pod asks for.', cpuLimitRule)),
    workers: integer(1, 16)
      .default(1)
      .meta(describe('Threads that run the model, each with its own copy of the weights.')),
    queueSize: integer(1, 10_000)
      .default(64)
      .meta(describe('Requests that may wait in a pod; beyond it the answer is 429 with Retry-After.')),
    requestTimeoutSeconds: integer(1, longestRequestSeconds)
      .default(10)
      .meta(describe('A request that takes longer is answered with 503.')),
    limits: limitsSchema,
    scheduling: schedulingSchema.prefault({}),
    cors: corsSchema.optional(),
  })
  .prefault({})
  .meta(
    describe('The model server. A change of anything but replicas and cors makes a new revision.', {
      rule: `!has(self.limits) || !has(self.limits.requestBytes) || self.limits.requestBytes <= ${defaultLimits.requestBytes} || quantity(self.resources.memory).asApproximateFloat() >= double(${memoryPerRequestByte} * self.limits.requestBytes)`,
      message: `server.resources.memory must be at least ${memoryPerRequestByte} times server.limits.requestBytes, which a server holds several times over`,
    }),
  );
export type Server = z.output<typeof serverSchema>;

export const modelDeploymentSpecSchema = z
  .object({
    model: modelSchema,
    server: serverSchema,
    podMetadata: podMetadataSchema.optional(),
    rollout: rolloutSchema.optional(),
    gates: gatesSchema.optional(),
    expose: exposedAsSchema.optional(),
    fallback: fallbackSchema.optional(),
  })
  .meta(
    describe('What is wanted.', {
      rule: '!has(self.gates) || self.gates.size() == 0 || has(self.rollout)',
      message: 'gates judge a rollout: set rollout.steps, or remove gates',
    }),
  );
export type ModelDeploymentSpec = z.output<typeof modelDeploymentSpecSchema>;

const percent = integer(0, 100);

/** Revisions that have a share at once: those with requests, and those that finish theirs. */
export const maxShares = 8;

export const modelDeploymentStatusSchema = z
  .object({
    observedGeneration,
    stable: revisionRecord.optional().meta(describe('The revision that is proven and serves.')),
    candidate: revisionRecord.optional().meta(describe('The revision that is on its way.')),
    former: formerList.optional(),
    rollout: rolloutStatusSchema.optional(),
    gates: gateStatusList.optional(),
    rejected: rejectedList.optional(),
    evidence: evidenceSchema.optional(),
    replicas: integer(0, 1_000_000)
      .optional()
      .meta(describe('Server pods of every revision that has a share of the requests, or shall have one.')),
    readyReplicas: integer(0, 1000).optional().meta(describe('Server pods of the stable revision that are ready.')),
    provenReplicas: integer(1, 100)
      .optional()
      .meta(
        describe(
          'Most pods of one revision that were ready at once while it had at least half of the requests, at most server.replicas. Half as many of the live revision take all requests back.',
        ),
      ),
    scale: z
      .object({
        wantedReplicas: integer(0, 100).meta(describe('server.replicas, as it was seen last.')),
        replicas: integer(0, 1_000_000).meta(describe('Server pods of the revision.')),
        selector: z.string().max(512).meta(describe('Which pods these are.')),
      })
      .optional()
      .meta(
        describe(
          'What the scale subresource shows: the stable revision; while there is none, or the candidate stands in for it, the one that is on its way.',
        ),
      ),
    traffic: z
      .array(
        z.object({
          revision: revisionHash.meta(describe('The revision.')),
          version: objectName.meta(describe('Its ModelVersion.')),
          wantedPercent: percent.meta(describe('Share of the requests it shall get.')),
          verifiedPercent: percent
            .optional()
            .meta(
              describe(
                'Share that every ready gateway pod is known to give it; while requests are taken back, the most that one may still give; absent until its backend is known there.',
              ),
            ),
          changedAt: time.meta(describe('When wantedPercent was last changed.')),
        }),
      )
      .max(maxShares)
      .optional()
      .meta(listMap('Who gets the requests.', ['revision'])),
    gateway: z
      .object({
        port: integer(10_000, 32_767).meta(
          describe('Listener port in the gateway pods; the Service maps port 80 to it.'),
        ),
      })
      .optional()
      .meta(describe('What the gateway holds for this deployment.')),
    endpoints: z
      .array(
        z.object({
          protocol: z.enum(['REST']).meta(describe('Protocol.')),
          url: z.string().max(512).meta(describe('Where to send inference requests.')),
        }),
      )
      .max(4)
      .optional()
      .meta(listMap('Where clients reach the model, whatever the revision.', ['protocol'])),
    externalUrl: z
      .string()
      .max(1024)
      .optional()
      .meta(describe('Where clients outside of the cluster send inference requests; absent until it is known.')),
    conditions: conditionList.optional(),
  })
  .meta(describe('What is.'));
export type ModelDeploymentStatus = z.output<typeof modelDeploymentStatusSchema>;

export const modelDeployment: Kind<typeof modelDeploymentSpecSchema, typeof modelDeploymentStatusSchema> = {
  kind: 'ModelDeployment',
  plural: 'modeldeployments',
  singular: 'modeldeployment',
  shortNames: ['mdep'],
  description: 'Turns a ModelVersion into live traffic.',
  spec: modelDeploymentSpecSchema,
  status: modelDeploymentStatusSchema,
  rules: [nameRule],
  scale: {
    specReplicasPath: '.spec.server.replicas',
    statusReplicasPath: '.status.scale.replicas',
    labelSelectorPath: '.status.scale.selector',
  },
  columns: [
    {
      name: 'Available',
      type: 'string',
      jsonPath: '.status.conditions[?(@.type=="Available")].status',
      description: 'True while something good serves.',
    },
    {
      name: 'Ready',
      type: 'string',
      jsonPath: '.status.conditions[?(@.type=="Ready")].status',
      description: 'True when the cluster does what spec asks.',
    },
    { name: 'Reason', type: 'string', jsonPath: '.status.conditions[?(@.type=="Ready")].reason', description: 'Why.' },
    { name: 'Stable', type: 'string', jsonPath: '.status.stable.version', description: 'Version that serves.' },
    { name: 'Candidate', type: 'string', jsonPath: '.status.candidate.version', description: 'Version on its way.' },
    { name: 'Step', type: 'string', jsonPath: '.status.rollout.step', description: 'Step of the rollout.' },
    {
      name: 'Weight',
      type: 'integer',
      jsonPath: '.status.rollout.weightPercent',
      description: 'Share of the candidate, in percent.',
    },
    { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp', description: 'Since creation.' },
    {
      name: 'URL',
      type: 'string',
      jsonPath: '.status.endpoints[0].url',
      description: 'Where clients reach it.',
      priority: 1,
    },
    {
      name: 'External URL',
      type: 'string',
      jsonPath: '.status.externalUrl',
      description: 'Where clients outside of the cluster reach it.',
      priority: 1,
    },
    {
      name: 'Message',
      type: 'string',
      jsonPath: '.status.conditions[?(@.type=="Ready")].message',
      description: 'What to do next.',
      priority: 1,
    },
  ],
};
