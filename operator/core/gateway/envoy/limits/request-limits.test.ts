// Which requests a server hears of, by the limits of the revisions behind a route.
import { expect, test } from '@jest/globals';
import { largestRequestBytes } from '@sluice/crds/contract.ts';
import type { Backend } from '../../routes.ts';
import { refusals } from './request-limits.ts';

const backend = (requestBytes?: number): Backend => ({
  ...{ revision: 'aaaa', percent: 50, requestTimeoutSeconds: 10 },
  ...(requestBytes === undefined ? {} : { requestBytes }),
});

test.each<[string, Backend[], number]>([
  ['what every server takes of which nothing else is known', [backend()], 8 * 2 ** 20],
  ['what its revision takes', [backend(1024)], 1024],
  ['what the larger of two takes: the other one refuses by itself', [backend(1024), backend(2048)], 2048],
  ['the larger one is not known to have another limit', [backend(1024), backend()], 8 * 2 ** 20],
  ['the most that there is', [backend(largestRequestBytes)], largestRequestBytes],
])('the gateway takes %s', (_, backends, most) => {
  const [tooLarge] = refusals({ backends });
  expect(tooLarge).toMatchObject({
    match: { headers: [{ name: 'content-length', range_match: { start: most + 1 } }] },
    direct_response: { status: 413 },
    metadata: { filter_metadata: { sluice: { request_bytes: String(most) } } },
  });
});
