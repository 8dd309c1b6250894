// How clients outside of the namespace reach its models: what a ModelGateway opens, and where a ModelDeployment stands in it.
import { z } from 'zod';
import { atomicList, describe, dnsSubdomain, integer, nameOf, objectName } from '../../fragments.ts';
import { keysRule, valueMax } from '../../pods/pod-metadata.ts';

/** Characters of a DNS name. */
export const maxHost = 253;

const host = z
  .string()
  .min(1)
  .max(maxHost)
  .regex(new RegExp(`^${dnsSubdomain}$`));

/** Name of a namespace. */
const namespaceName = z
  .string()
  .min(1)
  .max(63)
  .regex(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/);

/** Prefixes of keys by which we and the runtime keep their books. */
const ownKeysRule = {
  rule: "!self.exists(key, key.size() <= 316 && key.matches('^(([-a-z0-9.]*[.])?sluice[.]dev|kube-runtime|kubectl[.]kubernetes[.]io)/'))",
  message: "remove the key: those of sluice.dev, kube-runtime and kubectl.kubernetes.io are not the user's",
};

const annotations = (description: string) =>
  z
    .record(z.string(), z.string().max(valueMax))
    .optional()
    .meta({ ...describe(description, keysRule, ownKeysRule), maxProperties: 32 });

const loadBalancer = z
  .object({
    className: z
      .string()
      .min(1)
      .max(316)
      .regex(/^([a-z0-9]([-a-z0-9.]*[a-z0-9])?\/)?[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$/)
      .optional()
      .meta(describe("loadBalancerClass of the Service: which controller makes it; the cluster's own when absent.")),
    sourceRanges: z
      .array(z.string().min(1).max(43))
      .max(64)
      .optional()
      .meta(
        atomicList('Networks that may connect, e.g. 203.0.113.0/24; all when absent.', {
          rule: 'self.all(range, isCIDR(range))',
          message: 'each of sourceRanges must be a network, such as 203.0.113.0/24 or 2001:db8::/32',
        }),
      ),
    externalTrafficPolicy: z
      .enum(['Cluster', 'Local'])
      .default('Cluster')
      .meta(
        describe(
          "Cluster: every node takes connections. Local: only nodes with a gateway pod, which then sees the client's address.",
        ),
      ),
  })
  .meta(describe('The load balancer.'));

const ingress = z
  .object({
    className: objectName
      .optional()
      .meta(describe("IngressClass, which says what controller serves it; the cluster's default when absent.")),
    tlsSecretName: nameOf('Secret')
      .optional()
      .meta(
        describe(
          'Secret with the certificate of all hosts, for the ingress controller; cert-manager makes it when an annotation asks for it.',
        ),
      ),
  })
  .meta(describe('The Ingress.'));

const httpRoute = z
  .object({
    gatewayName: objectName.meta(describe('Gateway of the Gateway API that the routes are for.')),
    gatewayNamespace: namespaceName
      .optional()
      .meta(
        describe(
          'Its namespace; that of the ModelGateway when absent. The Gateway itself says in allowedRoutes from where it takes routes.',
        ),
      ),
    sectionName: objectName.optional().meta(describe('One listener of the Gateway; every one that fits when absent.')),
  })
  .meta(describe('The HTTPRoutes.'));

/** `type` has no default: an apply of an empty object over a filled one makes null of it, which the apiserver refuses. */
export const waysIn = ['ClusterIP', 'LoadBalancer', 'Ingress', 'HTTPRoute'] as const;

export const exposeSchema = z
  .object({
    type: z
      .enum(waysIn)
      .meta(
        describe(
          'What leads to the Service sluice-gateway, which has all models of the namespace. ClusterIP: nothing but the cluster. HTTPRoute: a Gateway of the Gateway API.',
        ),
      ),
    host: host
      .optional()
      .meta(describe('Name by which clients know it, e.g. models.example.com; its DNS record is yours to make.')),
    scheme: z
      .enum(['HTTP', 'HTTPS'])
      .optional()
      .meta(
        describe(
          'How clients speak to it. HTTPS: what stands before the gateway ends TLS. When absent it follows from ingress.tlsSecretName, or from the listener of the Gateway; else HTTP.',
        ),
      ),
    annotations: annotations(
      'Annotations of the Ingress, the HTTPRoutes or, where there is none, of the Service: by them a controller, a cloud or cert-manager is told what to do.',
    ),
    serviceAnnotations: annotations(
      'Annotations of the Service, where they are to be others than those of the Ingress or the HTTPRoutes.',
    ),
    trustedProxies: integer(0, 8)
      .optional()
      .meta(
        describe('Proxies before the gateway whose X-Forwarded-For and X-Forwarded-Proto are believed; 0 when absent.'),
      ),
    loadBalancer: loadBalancer.optional(),
    ingress: ingress.optional(),
    httpRoute: httpRoute.optional(),
  })
  .meta(
    describe(
      'How models are reached at one address for all of the namespace.',
      {
        rule: "self.type == 'LoadBalancer' || !has(self.loadBalancer)",
        message: 'expose.loadBalancer needs expose.type LoadBalancer',
      },
      {
        rule: "self.type == 'Ingress' || !has(self.ingress)",
        message: 'expose.ingress needs expose.type Ingress',
      },
      {
        rule: "(self.type == 'HTTPRoute') == has(self.httpRoute)",
        message: 'expose.type HTTPRoute needs expose.httpRoute with the name of the Gateway, and no other type has it',
      },
    ),
  );
export type Expose = z.output<typeof exposeSchema>;

const path = z
  .string()
  .min(1)
  .max(128)
  .regex(/^\/([A-Za-z0-9_~-][A-Za-z0-9._~-]*(\/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)*)?$/);

/** Of a ModelDeployment. */
export const exposedAsSchema = z
  .object({
    visibility: z
      .enum(['External', 'ClusterLocal'])
      .default('External')
      .meta(
        describe(
          'External: reached as the ModelGateway opens its namespace. ClusterLocal: only by its own Service, in the cluster.',
        ),
      ),
    host: host.optional().meta(describe('A host of its own; that of the ModelGateway when absent.')),
    path: path.optional().meta(
      describe('Prefix that is taken off a request; /v2/models/<model>, which stays, when absent. /: the whole host.', {
        rule: "self != '/v2' && !self.startsWith('/v2/')",
        message: 'expose.path must not begin with /v2: that is the protocol; leave it out for /v2/models/<model>',
      }),
    ),
  })
  .meta(
    describe('Where clients outside of the cluster find this model, once a ModelGateway opens the namespace.', {
      rule: "self.visibility == 'External' || (!has(self.host) && !has(self.path))",
      message: 'expose.host and expose.path need visibility External',
    }),
  );
export type ExposedAs = z.output<typeof exposedAsSchema>;
