// Entry point of the server container: reads the environment, starts the server, drains it on SIGTERM.
import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { type BundleRejection, bundleRejectedExitCode, paths, ports } from '@sluice/crds/contract.ts';
import { log } from './log.ts';
import { type RunningServer, type ServerOptions, startServer } from './server.ts';
import { readServerIdentity } from './settings.ts';
import { BundleRefusedError } from './workers/pool.ts';

/** Set by the bundler, which puts the worker and the .wasm files beside this file. */
declare const isBundled: boolean | undefined;

/** For running the server outside a pod; in a pod the contract's places and ports hold. */
const { values: flags } = parseArgs({
  options: {
    'model-directory': { type: 'string', default: paths.model },
    'termination-log': { type: 'string', default: paths.terminationLog },
    'http-port': { type: 'string', default: String(ports.http) },
    'metrics-port': { type: 'string', default: String(ports.metrics) },
  },
});

function readOptions(): ServerOptions {
  return {
    ...readServerIdentity(process.env),
    ...codeLocations(),
    modelDirectory: flags['model-directory'],
    httpPort: Number(flags['http-port']),
    metricsPort: Number(flags['metrics-port']),
  };
}

function codeLocations(): Pick<ServerOptions, 'workerFile' | 'wasmDirectory'> {
  if (typeof isBundled !== 'undefined') {
    return {
      workerFile: new URL('./worker.mjs', import.meta.url),
      wasmDirectory: `${dirname(fileURLToPath(import.meta.url))}/`,
    };
  }
  const wasmModule = createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm');
  return { workerFile: new URL('./workers/worker.ts', import.meta.url), wasmDirectory: `${dirname(wasmModule)}/` };
}

/** Leaves the reason where the kubelet shows it: a BundleRejection for a bundle that cannot be served, else a sentence. */
function end(error: unknown): never {
  const message = error instanceof Error ? error.message : String(error);
  const rejection: BundleRejection | undefined = error instanceof BundleRefusedError ? error.rejection : undefined;
  log('error', 'the server cannot start', { reason: message });
  try {
    writeFileSync(flags['termination-log'], rejection ? JSON.stringify(rejection) : message);
  } catch (cause) {
    log('warn', 'the termination message could not be written', { cause: String(cause) });
  }
  process.exit(rejection ? bundleRejectedExitCode : 1);
}

async function drain(server: RunningServer): Promise<void> {
  log('info', 'SIGTERM: draining');
  await server.drain();
  log('info', 'drained');
  process.exit(0);
}

try {
  const server = await startServer(readOptions());
  process.once('SIGTERM', () => void drain(server));
  process.once('SIGINT', () => void drain(server));
  log('info', 'listening; loading the model', { httpPort: server.httpPort, metricsPort: server.metricsPort });
  await server.loaded;
  log('info', 'ready');
} catch (error) {
  end(error);
}
