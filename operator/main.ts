// The composition root: the only reader of environment and signals.
import { randomUUID } from 'node:crypto';
import { writeSync } from 'node:fs';
import { getHeapStatistics } from 'node:v8';
import { loadClusterAccess } from './kube/access/cluster-access.ts';
import packageJson from './package.json' with { type: 'json' };
import { LastWords } from './shell/last-words.ts';
import { createLog, errorFields } from './shell/log.ts';
import { createMetrics } from './shell/metrics.ts';
import { runOperator } from './shell/operator.ts';
import { parseSettings } from './shell/settings.ts';

/** Says on standard error what ended the process, at once: before there is a log, or when the lease was lost. */
function die(error: unknown): never {
  const line = JSON.stringify({ level: 'error', message: 'the operator ends', ...errorFields(error) });
  writeSync(process.stderr.fd, `${line}\n`);
  process.exit(1);
}

const stop = new AbortController();
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => stop.abort());

try {
  const settings = parseSettings(process.env);
  const metrics = createMetrics();
  const log = createLog(settings.logLevel, (level) => metrics.instruments.count('log_lines_dropped_total', { level }));
  const lastWords = new LastWords({ log, exit: (code) => process.exit(code) });
  process.on('unhandledRejection', lastWords.end);
  process.on('uncaughtException', lastWords.end);
  const cluster = { serviceAccountDirectory: settings.serviceAccountDirectory };
  const access = await loadClusterAccess(cluster);
  const heapMiB = Math.round(getHeapStatistics().heap_size_limit / 2 ** 20);
  log.write('info', 'starting', { server: access.server, watchNamespace: settings.watchNamespace ?? 'all', heapMiB });
  const { name, uid } = settings.pod;
  const heirOf = uid && `${name}_${uid}_`;
  const identity = `${heirOf ?? `${name}_`}${randomUUID()}`;
  const { version } = packageJson;
  await runOperator({ settings, cluster, access, log, metrics, lastWords, identity, heirOf, version }, stop.signal);
  await log.close();
  process.exit(0);
} catch (error) {
  die(error);
}
