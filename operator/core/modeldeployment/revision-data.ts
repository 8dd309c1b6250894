// Whether the data of a ControllerRevision is what a revision is built from. The apiserver takes any JSON there, from whoever
// may write ControllerRevisions.
import { longestRequestSeconds } from '@sluice/crds/contract.ts';
import { bundleUri } from '@sluice/crds/locations.ts';
import { z } from 'zod';
import type { RevisionData } from './revision.ts';

const text = (most: number) => z.string().min(1).max(most);
const seconds = z.number().int().min(1).max(longestRequestSeconds);

/** As much as is read; what an earlier release wrote besides stays as it is, so that its pods do. */
const schema = z.looseObject({
  version: text(253),
  digest: text(71),
  uri: bundleUri,
  bytes: z.union([z.number().int().min(0), z.literal('Unknown')]).optional(),
  modelName: text(40),
  image: text(512),
  resources: z.looseObject({ cpu: text(32), memory: text(32) }),
  scheduling: z.looseObject({}),
  settings: z.looseObject({ requestTimeoutSeconds: seconds, drainSeconds: seconds }),
});

export const isRevisionData = (data: unknown): data is RevisionData => schema.safeParse(data).success;
