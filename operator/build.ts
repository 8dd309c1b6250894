// Bundles the operator, so that its image holds no node_modules.
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const here = fileURLToPath(new URL('.', import.meta.url));

/** Some dependencies are CommonJS and call `require` for Node's own modules. */
const requireShim =
  "import { createRequire as makeRequire } from 'node:module'; const require = makeRequire(import.meta.url);";

/**
 * Writes `main.mjs`, the elector's thread `elector-worker.mjs` and what both share (with source maps) into `directory`.
 * What is imported only on demand is a file of its own: it costs memory only when it is needed.
 */
export async function bundleOperator(directory: string): Promise<void> {
  await build({
    entryPoints: [join(here, 'main.ts'), join(here, 'kube', 'lease', 'elector-worker.ts')],
    entryNames: '[name]',
    outdir: directory,
    outExtension: { '.js': '.mjs' },
    splitting: true,
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
