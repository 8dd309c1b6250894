// The composition root: the only reader of environment and signals.
import { randomUUID } from 'node:crypto';
import { loadClusterAccess } from './kube/cluster-access.ts';
import packageJson from './package.json' with { type: 'json' };
import { createLog, errorFields } from './shell/log.ts';
import { runOperator } from './shell/operator.ts';
import { parseSettings } from './shell/settings.ts';

/** Says on standard error what ended the process, for the time before there is a log. */
function die(error: unknown): never {
  console.error(JSON.stringify({ level: 'error', message: 'the operator ends', ...errorFields(error) }));
  process.exit(1);
}

// After an error that nobody caught the state is unknown: the process ends, the lease runs out, another one goes on.
process.on('unhandledRejection', die);
process.on('uncaughtException', die);

const stop = new AbortController();
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => stop.abort());

try {
  const settings = parseSettings(process.env);
  const log = createLog(settings.logLevel);
  const cluster = { serviceAccountDirectory: settings.serviceAccountDirectory };
  const access = await loadClusterAccess(cluster);
  log.write('info', 'starting', { server: access.server, watchNamespace: settings.watchNamespace ?? 'all' });
  const { name, uid } = settings.pod;
  const heirOf = uid && `${name}_${uid}_`;
  const identity = `${heirOf ?? `${name}_`}${randomUUID()}`;
  await runOperator({ settings, cluster, access, log, identity, heirOf, version: packageJson.version }, stop.signal);
  process.exit(0);
} catch (error) {
  die(error);
}
