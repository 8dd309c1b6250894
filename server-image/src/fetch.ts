// Entry point of the server's init container, which puts the verified bundle where the server expects it, and of the
// verifier of imported bundles, which only looks.
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { bundleRejectedExitCode, env, paths } from '@sluice/crds/contract.ts';
import { fetchBundle } from './fetch-bundle.ts';
import { log } from './log.ts';
import { bundleMaxBytes, required } from './settings.ts';
import { storageTrouble } from './storage-trouble.ts';

/** Directories are for running it outside a pod; in a pod the contract's places hold. */
const { values: flags } = parseArgs({
  options: {
    'verify-only': { type: 'boolean', default: false },
    'storage-directory': { type: 'string', default: paths.storage },
    'model-directory': { type: 'string', default: paths.model },
    'termination-log': { type: 'string', default: paths.terminationLog },
  },
});

const say = (text: string) => writeFileSync(flags['termination-log'], text);

async function run(): Promise<number> {
  const digest = required(process.env, env.bundleDigest);
  const rejection = await fetchBundle({
    uri: required(process.env, env.bundleUri),
    digest,
    maxBytes: bundleMaxBytes(process.env),
    storageDirectory: flags['storage-directory'],
    modelDirectory: flags['verify-only'] ? undefined : flags['model-directory'],
  });
  if (rejection === null) {
    log('info', 'the bundle is verified and in place', { digest });
    return 0;
  }
  log('error', 'the bundle is refused', rejection);
  say(JSON.stringify(rejection));
  return bundleRejectedExitCode;
}

try {
  process.exitCode = await run();
} catch (error) {
  const trouble = storageTrouble(error);
  if (trouble === undefined) throw error;
  log('error', 'the bundle cannot be fetched', { trouble, error: String(error) });
  say(trouble);
  process.exitCode = 1;
}
