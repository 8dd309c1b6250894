// The operator's settings: parsed once from the environment that main hands in; a bad value is said with its name.
import { noPodDefaults, type PodDefaults, podDefaultsSchema } from '@sluice/crds/pod-defaults.ts';
import { z } from 'zod';
import { type PodUser, podUsers } from '../core/pods/restricted-pod.ts';
import { checkLeaseTiming, DEFAULT_LEASE_TIMING, type LeaseTiming } from '../kube/lease/lease-decision.ts';

const image = z.string().min(1).max(512);
const port = z.coerce.number().int().min(1).max(65_535);

/** Seconds of lease, renewal deadline and retry, as `60/40/15`. */
const leaseTiming = z
  .string()
  .regex(/^\d+(\.\d+)?\/\d+(\.\d+)?\/\d+(\.\d+)?$/, 'must be lease/renewal/retry in seconds, as 60/40/15')
  .transform((text, context): LeaseTiming => {
    const [leaseSeconds = 0, renewSeconds = 0, retrySeconds = 0] = text.split('/').map(Number);
    try {
      checkLeaseTiming({ leaseSeconds, renewSeconds, retrySeconds });
    } catch (error) {
      context.addIssue(String(error));
    }
    return { leaseSeconds, renewSeconds, retrySeconds };
  });

/** The chart's `podDefaults` as JSON. */
const podDefaults = z.string().transform((text, context): PodDefaults => {
  try {
    const { data, error } = podDefaultsSchema.safeParse(JSON.parse(text));
    if (data) return data;
    for (const { path, message } of error.issues) context.addIssue(`${['podDefaults', ...path].join('.')}: ${message}`);
  } catch (error) {
    context.addIssue(`is no JSON: ${String(error)}`);
  }
  return z.NEVER;
});

const settingsSchema = z.object({
  /** Watch and serve only this namespace; all when empty. */
  SLUICE_WATCH_NAMESPACE: z.string().default(''),
  /** Namespace of the operator itself: the leader lease lives there. */
  POD_NAMESPACE: z.string().min(1).default('sluice-system'),
  POD_NAME: z.string().min(1).default('sluice-operator'),
  /** Addresses of the operator's pod with commas: other pods have such ones, too. */
  POD_IPS: z.string().default(''),
  /** Of an operator that runs in a pod: of its processes, one begins after the other has ended. */
  POD_UID: z.string().default(''),
  SLUICE_TRAINER_IMAGE: image,
  SLUICE_SERVER_IMAGE: image,
  SLUICE_GATEWAY_IMAGE: image,
  SLUICE_IMAGE_PULL_POLICY: z.enum(['Always', 'IfNotPresent', 'Never']).default('IfNotPresent'),
  SLUICE_POD_DEFAULTS: podDefaults.default(noPodDefaults),
  /** As which user pods run: ours, or the one that the cluster gives each namespace. */
  SLUICE_POD_USER: z.enum(podUsers).default('Fixed'),
  /** host:port under which gateway pods reach the operator's xDS server. */
  SLUICE_XDS_ADDRESS: z
    .string()
    .regex(/^[^:]+:\d+$/, 'must be host:port')
    .refine((address) => port.safeParse(address.split(':')[1]).success, 'must end with a port of 1 to 65535'),
  SLUICE_STATUS_PORT: port.default(8081),
  SLUICE_XDS_PORT: port.default(18_000),
  SLUICE_LOG_LEVEL: z.enum(['error', 'warn', 'info', 'debug']).default('info'),
  SLUICE_CLUSTER_DOMAIN: z.string().min(1).default('cluster.local'),
  /** Where the kubelet mounts the operator's identity; outside of a pod each process has its own. */
  SLUICE_IDENTITY_DIRECTORY: z.string().default(''),
  /** Where the service account's files are, for an operator that runs outside of a pod; the kubelet's place when empty. */
  SLUICE_SERVICE_ACCOUNT_DIRECTORY: z.string().default(''),
  SLUICE_LEASE_TIMING: leaseTiming.default(DEFAULT_LEASE_TIMING),
});

export type Settings = {
  readonly watchNamespace: string | undefined;
  readonly pod: { readonly namespace: string; readonly name: string; readonly uid: string | undefined };
  readonly images: { readonly trainer: string; readonly server: string; readonly gateway: string };
  readonly imagePullPolicy: 'Always' | 'IfNotPresent' | 'Never';
  /** What is wanted of every pod that is made. */
  readonly podDefaults: PodDefaults;
  readonly podUser: PodUser;
  readonly xdsAddress: { readonly host: string; readonly port: number };
  /** Whether pods of the cluster have IPv6 addresses. */
  readonly hasIpv6: boolean;
  readonly statusPort: number;
  readonly xdsPort: number;
  readonly logLevel: 'error' | 'warn' | 'info' | 'debug';
  readonly clusterDomain: string;
  readonly identityDirectory: string | undefined;
  readonly serviceAccountDirectory: string | undefined;
  readonly leaseTiming: LeaseTiming;
};

/** @throws Error that names every variable that is missing or wrong. */
export function parseSettings(environment: Readonly<Record<string, string | undefined>>): Settings {
  const parsed = settingsSchema.safeParse(environment);
  if (!parsed.success) {
    const problems = parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
    throw new Error(`the operator's environment is wrong: ${problems.join('; ')}`);
  }
  const value = parsed.data;
  const [host = '', xdsPort = ''] = value.SLUICE_XDS_ADDRESS.split(':');
  return {
    watchNamespace: value.SLUICE_WATCH_NAMESPACE === '' ? undefined : value.SLUICE_WATCH_NAMESPACE,
    pod: { namespace: value.POD_NAMESPACE, name: value.POD_NAME, uid: value.POD_UID || undefined },
    images: {
      trainer: value.SLUICE_TRAINER_IMAGE,
      server: value.SLUICE_SERVER_IMAGE,
      gateway: value.SLUICE_GATEWAY_IMAGE,
    },
    imagePullPolicy: value.SLUICE_IMAGE_PULL_POLICY,
    podDefaults: value.SLUICE_POD_DEFAULTS,
    podUser: value.SLUICE_POD_USER,
    xdsAddress: { host, port: Number(xdsPort) },
    hasIpv6: value.POD_IPS.includes(':'),
    statusPort: value.SLUICE_STATUS_PORT,
    xdsPort: value.SLUICE_XDS_PORT,
    logLevel: value.SLUICE_LOG_LEVEL,
    clusterDomain: value.SLUICE_CLUSTER_DOMAIN,
    identityDirectory: value.SLUICE_IDENTITY_DIRECTORY || undefined,
    serviceAccountDirectory: value.SLUICE_SERVICE_ACCOUNT_DIRECTORY || undefined,
    leaseTiming: value.SLUICE_LEASE_TIMING,
  };
}
