// Entry point of the server's init container: puts the verified bundle where the server expects it.
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { bundleRejectedExitCode, env, paths } from '@sluice/crds/contract.ts';
import { fetchBundle } from './fetch-bundle.ts';
import { log } from './log.ts';
import { required } from './settings.ts';

/** For running it outside a pod; in a pod the contract's places hold. */
const { values: flags } = parseArgs({
  options: {
    'storage-directory': { type: 'string', default: paths.storage },
    'model-directory': { type: 'string', default: paths.model },
    'termination-log': { type: 'string', default: paths.terminationLog },
  },
});

const digest = required(process.env, env.bundleDigest);
const rejection = await fetchBundle({
  uri: required(process.env, env.bundleUri),
  digest,
  storageDirectory: flags['storage-directory'],
  modelDirectory: flags['model-directory'],
});
if (rejection) {
  log('error', 'the bundle is refused', rejection);
  writeFileSync(flags['termination-log'], JSON.stringify(rejection));
  process.exit(bundleRejectedExitCode);
}
log('info', 'the bundle is verified and in place', { digest });
