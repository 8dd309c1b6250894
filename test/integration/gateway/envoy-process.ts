// Envoy as a gateway pod runs it, as a plain process: our bootstrap, our command line, and the test's DNS server.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { openSync } from 'node:fs';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { mountArguments } from '@sluice/operator/core/gateway/access/pods.ts';
import type { Mounted } from '@sluice/operator/core/gateway/access/rules.ts';
import { envoyArguments, envoyBootstrap } from '@sluice/operator/core/gateway/envoy/bootstrap.ts';
import { guardProcesses } from '../process-guard.ts';
import { envoyBinary } from './envoy-binary.ts';

export type EnvoyOptions = {
  readonly namespace: string;
  readonly podName: string;
  readonly xdsPort: number;
  readonly dnsPort: number;
  readonly hasIpv6: boolean;
  /** Secrets that the pod has, as directories. */
  readonly mounted?: Mounted | undefined;
  /** Where what Envoy writes stays when it has ended. */
  readonly logFile?: string | undefined;
};

/** Pods ask the cluster's DNS by /etc/resolv.conf; here the same resolver is told where to ask. */
const dnsResolver = (port: number) => ({
  typed_dns_resolver_config: {
    name: 'envoy.network.dns_resolver.cares',
    typed_config: {
      '@type': 'type.googleapis.com/envoy.extensions.network.dns_resolver.cares.v3.CaresDnsResolverConfig',
      resolvers: [{ socket_address: { address: '127.0.0.1', port_value: port } }],
    },
  },
});

/** Starts Envoy; the returned function ends it and removes what it left. */
export async function startEnvoy(options: EnvoyOptions): Promise<() => Promise<void>> {
  const { namespace, podName, xdsPort, dnsPort, hasIpv6, mounted, logFile } = options;
  const binary = await envoyBinary();
  const directory = await mkdtemp(join(tmpdir(), 'sluice-envoy-'));
  const config = join(directory, 'bootstrap.json');
  const bootstrap = { ...envoyBootstrap({ host: '127.0.0.1', port: xdsPort }, hasIpv6), ...dnsResolver(dnsPort) };
  await writeFile(config, JSON.stringify(bootstrap));
  const log = openSync(logFile ?? join(directory, 'envoy.log'), 'w');
  const args = [...envoyArguments({ config, namespace, podName }), ...(mounted ? mountArguments(mounted) : [])];
  const child = spawn(binary, args, { stdio: ['ignore', log, log], detached: true });
  await once(child, 'spawn');
  return guardProcesses(directory, child.pid === undefined ? [] : [child.pid]);
}
