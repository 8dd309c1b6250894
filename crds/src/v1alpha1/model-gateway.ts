// ModelGateway: what the gateway of a namespace runs as. Without one the defaults hold.
import { z } from 'zod';
import {
  conditionList,
  cpuLimitRule,
  describe,
  integer,
  listMap,
  memory,
  observedGeneration,
  quantity,
  quotaFields,
} from '../fragments.ts';
import type { Kind } from '../kind.ts';
import { podMetadataSchema } from '../pods/pod-metadata.ts';
import { schedulingSchema } from '../pods/scheduling.ts';
import { exposeSchema } from './gateway/expose.ts';
import { accessSchema } from './gateway/gateway-access.ts';
import { tlsSchema } from './gateway/gateway-tls.ts';

export const modelGatewaySpecSchema = z
  .object({
    replicas: integer(1, 20).default(2).meta(describe('Gateway pods; with one alone, requests fail while it is away.')),
    resources: z
      .object({
        cpu: quantity.default('50m').meta(describe('CPU request.')),
        memory: memory.optional().meta(
          describe('Memory request and limit; a request of 96Mi and a limit of 384Mi when absent.', {
            rule: "quantity(self).compareTo(quantity('64Mi')) >= 0",
            message: 'memory of a gateway pod must be at least 64Mi: Envoy does not start with less',
          }),
        ),
        ...quotaFields,
      })
      .prefault({})
      .meta(describe('What each gateway pod asks for.', cpuLimitRule)),
    scheduling: schedulingSchema.prefault({}),
    podMetadata: podMetadataSchema.optional(),
    expose: exposeSchema.optional(),
    access: accessSchema.optional(),
    tls: tlsSchema.optional(),
  })
  .meta(
    describe('What is wanted.', {
      rule: "!has(self.tls) || !has(self.expose) || self.expose.type in ['ClusterIP', 'LoadBalancer']",
      message:
        'tls cannot stand beside expose.type Ingress or HTTPRoute: what they lead through ends TLS and speaks plain HTTP',
      fieldPath: '.tls',
    }),
  );
export type ModelGatewaySpec = z.output<typeof modelGatewaySpecSchema>;

/** Pods that a status counts: no gateway has as many. */
export const maxGatewayPods = 1000;
const count = integer(0, maxGatewayPods);

/** Refused listeners that a status names: more are of one kind. */
export const maxRefusedUpdates = 16;

export const modelGatewayStatusSchema = z
  .object({
    observedGeneration,
    pods: count.optional().meta(describe('Gateway pods that are there.')),
    readyPods: count.optional().meta(describe('Gateway pods that answer.')),
    address: z
      .string()
      .max(253)
      .optional()
      .meta(describe('IP address or name of what leads in; absent until it has one.')),
    url: z
      .string()
      .max(512)
      .optional()
      .meta(describe('Where the models of the namespace are found, without their paths.')),
    refusedUpdates: z
      .array(
        z.object({
          listener: z
            .string()
            .max(128)
            .meta(describe('ModelDeployment whose listener, routes or servers it concerns.')),
          message: z.string().max(300).meta(describe("Envoy's own words.")),
        }),
      )
      .max(maxRefusedUpdates)
      .optional()
      .meta(
        listMap('What gateway pods refuse of what they are told; what they took before still holds.', ['listener']),
      ),
    conditions: conditionList.optional(),
  })
  .meta(describe('What is.'));
export type ModelGatewayStatus = z.output<typeof modelGatewayStatusSchema>;

export const modelGateway: Kind<typeof modelGatewaySpecSchema, typeof modelGatewayStatusSchema> = {
  kind: 'ModelGateway',
  plural: 'modelgateways',
  singular: 'modelgateway',
  shortNames: ['mgw'],
  description: 'What the gateway of a namespace runs as; it is there while the namespace has ModelDeployments.',
  spec: modelGatewaySpecSchema,
  status: modelGatewayStatusSchema,
  rules: [
    {
      rule: "self.metadata.name == 'default'",
      message: 'metadata.name must be default: a namespace has one gateway',
      fieldPath: '.metadata.name',
    },
  ],
  columns: [
    {
      name: 'Ready',
      type: 'string',
      jsonPath: '.status.conditions[?(@.type=="Ready")].status',
      description: 'True when the gateway is as spec asks.',
    },
    { name: 'Reason', type: 'string', jsonPath: '.status.conditions[?(@.type=="Ready")].reason', description: 'Why.' },
    { name: 'Replicas', type: 'integer', jsonPath: '.spec.replicas', description: 'Pods that are wanted.' },
    { name: 'Answering', type: 'integer', jsonPath: '.status.readyPods', description: 'Pods that answer.' },
    { name: 'Address', type: 'string', jsonPath: '.status.address', description: 'What leads in.' },
    { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp', description: 'Since creation.' },
    {
      name: 'Message',
      type: 'string',
      jsonPath: '.status.conditions[?(@.type=="Ready")].message',
      description: 'What to do next.',
      priority: 1,
    },
  ],
};
