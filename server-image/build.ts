// Bundles the server's three programs into single files, with TensorFlow.js's wasm kernels beside them.
import { copyFile, mkdir } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const sources = fileURLToPath(new URL('./src', import.meta.url));

/** Node 22 has SIMD and the server wants one thread per worker, so the threaded kernels stay out. */
const wasmFiles = ['tfjs-backend-wasm.wasm', 'tfjs-backend-wasm-simd.wasm'];

/** The CommonJS packages inside the bundle expect these names, which an ES module does not have. */
const commonJsNames = `import { createRequire as __createRequire } from 'node:module';
const require = __createRequire(import.meta.url), __filename = import.meta.filename, __dirname = import.meta.dirname;`;

/** Writes main.mjs, fetch.mjs, worker.mjs and the .wasm files into `outDirectory`: all that the image needs. */
export async function bundleServer(outDirectory: string): Promise<void> {
  await mkdir(outDirectory, { recursive: true });
  await build({
    entryPoints: {
      main: join(sources, 'main.ts'),
      fetch: join(sources, 'fetch.ts'),
      worker: join(sources, 'workers/worker.ts'),
    },
    outdir: outDirectory,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    platform: 'node',
    target: 'node22',
    format: 'esm',
    // One TensorFlow.js: its CommonJS main files would bring in a second copy of the core.
    mainFields: ['module', 'main'],
    minifySyntax: true,
    minifyWhitespace: true,
    legalComments: 'none',
    define: { isBundled: 'true' },
    banner: { js: commonJsNames },
    logLevel: 'warning',
  });
  const wasmDirectory = dirname(createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm'));
  await Promise.all(wasmFiles.map((file) => copyFile(join(wasmDirectory, file), join(outDirectory, file))));
}
