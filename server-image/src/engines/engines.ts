// Which engine serves which format of bundles: one entry per format, and nothing else here knows which there are.
import type { BundleFormat } from '@sluice/crds/formats.ts';
import type { Engine } from './engine.ts';
import { loadLayers } from './tfjs-layers.ts';

export const engines: { readonly [Format in BundleFormat]: Engine } = { TFJSLayers: loadLayers };
