// Where bytes are: the places that a spec may name, and the uri of a bundle. A place that is added here does not compile
// until each end has an entry for it: operator/core/locations, and the rooms of the pods that read and write it.
import { z } from 'zod';
import { describe, exactlyOne, objectName } from './fragments.ts';

type Places = {
  /** A directory or a file of a PersistentVolumeClaim; `path` is below its root. */
  Claim: { readonly claimName: string; readonly path: string };
  /** A key of a ConfigMap: `path` is the key, which is the name of its file. */
  ConfigMap: { readonly name: string; readonly path: string };
};
export type LocationType = keyof Places;
/** Where bundles can be kept. */
type BundlePlace = 'Claim';

/** Where bytes are. */
export type Location<Type extends LocationType = LocationType> = {
  [Each in Type]: { readonly type: Each } & Places[Each];
}[Type];
export type BundleLocation<Type extends BundlePlace = BundlePlace> = Location<Type>;

const claimName = objectName.meta(describe('Name of a PersistentVolumeClaim of this namespace.'));

export const storageSchema = z
  .object({
    persistentVolumeClaim: z.object({ claimName }).meta(describe('A PersistentVolumeClaim of this namespace.')),
  })
  .meta(
    describe('Where checkpoints and bundles go, below <modelName>/. A ReadWriteOnce claim ties its pods to one node.'),
  );
export type Storage = z.output<typeof storageSchema>;

/** A path inside a volume: relative, and never upwards. */
const relativePath = z
  .string()
  .min(1)
  .max(512)
  .regex(/^[A-Za-z0-9._@=+-]+(\/[A-Za-z0-9._@=+-]+)*$/);

const sources = {
  persistentVolumeClaim: z
    .object({ claimName, path: relativePath.meta(describe('File inside the claim, relative to its root.')) })
    .meta(
      describe('A file in a claim, mounted read-only.', {
        rule: "!self.path.split('/').exists(part, part == '..' || part == '.')",
        message: 'path must be relative and without . or .. parts',
      }),
    ),
  configMap: z
    .object({
      name: objectName.meta(describe('Name of a ConfigMap of this namespace.')),
      key: z
        .string()
        .min(1)
        .max(253)
        .regex(/^[-._a-zA-Z0-9]+$/)
        .meta(describe('Key whose value is the file.')),
    })
    .meta(describe('A small file in a ConfigMap (less than 1 MiB).')),
};

export const sourceSchema = z
  .object(sources)
  .partial()
  .meta(describe('Where the file is.', exactlyOne(Object.keys(sources))));
export type Source = z.output<typeof sourceSchema>;

/** What is read from the one member that is set; the compiler refuses a member that is not read. */
function readOne<Places extends object, Read>(
  places: Places,
  readers: { readonly [Name in keyof Places]-?: (place: NonNullable<Places[Name]>) => Read },
): Read {
  for (const name in readers) {
    const place = places[name];
    if (place !== undefined && place !== null) return readers[name](place);
  }
  throw new Error(`none of ${Object.keys(readers).join(', ')} is set; the schema should have refused that`);
}

/** The location that a source names. */
export const sourceLocation = (source: Source): Location =>
  readOne<Source, Location>(source, {
    persistentVolumeClaim: ({ claimName, path }) => ({ type: 'Claim', claimName, path }),
    configMap: ({ name, key }) => ({ type: 'ConfigMap', name, path: key }),
  });

/** The field below `source` that names the file, for messages. */
export const sourceField = (source: Source): string =>
  readOne<Source, string>(source, {
    persistentVolumeClaim: () => 'persistentVolumeClaim.path',
    configMap: () => 'configMap.key',
  });

/** The directory of a model's bundles and checkpoints. */
export const storageLocation = (storage: Storage, modelName: string): BundleLocation =>
  readOne<Storage, BundleLocation>(storage, {
    persistentVolumeClaim: ({ claimName }) => ({ type: 'Claim', claimName, path: modelName }),
  });

/** How the location of a bundle is written as a uri. */
type UriForm<Type extends BundlePlace> = {
  readonly pattern: RegExp;
  write(place: BundleLocation<Type>): string;
  /** @param uri one that the pattern takes */
  read(uri: string): BundleLocation<Type>;
};

const uriForms: { readonly [Type in BundlePlace]: UriForm<Type> } = {
  /** `pvc://<claim>/<modelName>/sha256-<hex>` */
  Claim: {
    pattern: /^pvc:\/\/[a-z0-9][-a-z0-9.]*\/[a-z][-a-z0-9]*\/sha256-[0-9a-f]{64}$/,
    write: ({ claimName, path }) => `pvc://${claimName}/${path}`,
    read: (uri) => {
      const [claimName = '', ...path] = uri.slice('pvc://'.length).split('/');
      return { type: 'Claim', claimName, path: path.join('/') };
    },
  },
};

/** The uri of a bundle, such as `pvc://<claim>/<modelName>/sha256-<hex>`. */
export const bundleUri = z
  .string()
  .max(512)
  .regex(
    new RegExp(
      Object.values(uriForms)
        .map(({ pattern }) => pattern.source)
        .join('|'),
    ),
  );

/** @returns undefined for a text that is no uri of a bundle. */
export const parseBundleUri = (uri: string): BundleLocation | undefined =>
  Object.values(uriForms)
    .find(({ pattern }) => pattern.test(uri))
    ?.read(uri);

/** The uri under which a bundle of that digest is found in the model's directory. */
export const bundleUriIn = (directory: BundleLocation, digest: string): string =>
  uriForms[directory.type].write({ ...directory, path: `${directory.path}/${digest.replace(':', '-')}` });
