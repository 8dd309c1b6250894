// Bundles the operator into one file, so that its image holds no node_modules.
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const here = fileURLToPath(new URL('.', import.meta.url));

/** Some dependencies are CommonJS and call `require` for Node's own modules. */
const requireShim =
  "import { createRequire as makeRequire } from 'node:module'; const require = makeRequire(import.meta.url);";

/** Writes `main.mjs` (with its source map) into `directory`. */
export async function bundleOperator(directory: string): Promise<void> {
  await build({
    entryPoints: [join(here, 'main.ts')],
    outfile: join(directory, 'main.mjs'),
    bundle: true,
    platform: 'node',
    target: 'node22',
    format: 'esm',
    minifySyntax: true,
    minifyWhitespace: true,
    keepNames: true,
    sourcemap: 'linked',
    banner: { js: requireShim },
    logLevel: 'warning',
  });
}
