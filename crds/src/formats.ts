// The formats of data and of bundles. A format that is added here does not compile until each end has an entry for it: a
// reader in trainer-image/src/data/parsing/formats.ts, an engine in server-image/src/engines/engines.ts.

/** What a data file may be: CSV with a header line, or one JSON object a line. */
export const dataFormats = ['CSV', 'JSONLines'] as const;
export type DataFormat = (typeof dataFormats)[number];

/** What the files of a bundle may be: a TensorFlow.js layers model. */
export const bundleFormats = ['TFJSLayers'] as const;
export type BundleFormat = (typeof bundleFormats)[number];
