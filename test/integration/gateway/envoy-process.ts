// Envoy as a gateway pod runs it, as a plain process: our bootstrap, our command line, files that the kubelet would mount,
// and the test's DNS server.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { openSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { mountArguments } from '@sluice/operator/core/gateway/access/pods.ts';
import type { Mounted } from '@sluice/operator/core/gateway/access/rules.ts';
import { envoyArguments, envoyBootstrap } from '@sluice/operator/core/gateway/envoy/bootstrap.ts';
import {
  bootstrapDirectory,
  certificatesText,
  linkFiles,
  tokenDirectory,
  tokenText,
} from '@sluice/operator/core/gateway/envoy/operator-link.ts';
import { guardProcesses } from '../process-guard.ts';
import { envoyBinary } from './envoy-binary.ts';
import { mountFiles } from './mounted-files.ts';

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
  /** PEM of what it knows the operator by. */
  readonly certificates: string;
  /** What it shows the operator. */
  readonly token: string;
};

export type EnvoyProcess = {
  /** Another token is there, as if the kubelet had renewed it. */
  showToken(token: string): Promise<void>;
  /** Other certificates are known, as if the ConfigMap had changed. */
  know(certificates: string): Promise<void>;
  /** Ends it and removes what it left. */
  stop(): Promise<void>;
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

/** Starts Envoy. */
export async function startEnvoy(options: EnvoyOptions): Promise<EnvoyProcess> {
  const { namespace, podName, xdsPort, dnsPort, hasIpv6, mounted, logFile } = options;
  const binary = await envoyBinary();
  const directory = await mkdtemp(join(tmpdir(), 'sluice-envoy-'));
  const [configMap, tokens] = [join(directory, 'bootstrap'), join(directory, 'token')];
  const placed = (text: string) => text.replaceAll(bootstrapDirectory, configMap).replaceAll(tokenDirectory, tokens);
  const bootstrap = { ...envoyBootstrap({ host: '127.0.0.1', port: xdsPort }, hasIpv6), ...dnsResolver(dnsPort) };
  const showToken = (token: string) => mountFiles(tokens, { token });
  const know = (certificates: string) =>
    mountFiles(configMap, {
      'bootstrap.json': placed(JSON.stringify(bootstrap)),
      [linkFiles.certificates]: placed(certificatesText(certificates)),
      [linkFiles.token]: placed(tokenText),
    });
  await Promise.all([showToken(options.token), know(options.certificates)]);
  const log = openSync(logFile ?? join(directory, 'envoy.log'), 'w');
  const config = join(configMap, 'bootstrap.json');
  const args = [...envoyArguments({ config, namespace, podName }), ...(mounted ? mountArguments(mounted) : [])];
  const child = spawn(binary, args, { stdio: ['ignore', log, log], detached: true });
  await once(child, 'spawn');
  return { showToken, know, stop: guardProcesses(directory, child.pid === undefined ? [] : [child.pid]) };
}
