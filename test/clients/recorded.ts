// What clients sent when `npm run clients -- --record` was run last: sent again by npm test, without any of them.
import type { Exchange } from './recorder.ts';

export const recordedFile = new URL('recorded.jsonl', import.meta.url);

export type Recorded = Exchange & { readonly client: string; readonly model: 'people' | 'digits' };
