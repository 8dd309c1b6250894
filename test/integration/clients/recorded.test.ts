// What clients of other projects sent when they were tried last, sent again through a real Envoy: each is answered as it was.
// `npm run clients -- --record` writes the requests anew.
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Place, startPlace } from '../../clients/place.ts';
import { type Recorded, recordedFile } from '../../clients/recorded.ts';
import { errorOf, send } from '../../clients/recorder.ts';

const recorded = readFileSync(recordedFile, 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as Recorded);
const clients = [...new Set(recorded.map(({ client }) => client))];

let place: Place<'people' | 'digits'>;
beforeAll(async () => {
  place = await startPlace({ people: { model: 'people' }, digits: { model: 'digits' } });
});
afterAll(() => place.close());

test('the clients are those that people use', () => {
  for (const name of ['tritonclient', 'kserve', 'mlserver', 'requests', 'curl']) {
    expect(clients.filter((client) => client.startsWith(name))).toHaveLength(1);
  }
});

describe.each(clients)('%s', (name) => {
  test('is answered as when it was tried', async () => {
    const answers: Recorded[] = [];
    const asked = recorded.filter(({ client }) => client === name);
    for (const exchange of asked) {
      const { response, bytes, type } = await send(place.hosts[exchange.model], exchange);
      const status = response.statusCode ?? 0;
      answers.push({ ...exchange, status, type, ...(status >= 400 ? { error: errorOf(bytes) } : {}) });
    }
    expect(answers).toEqual(asked);
    expect(asked.filter(({ status, path }) => status === 200 && path.endsWith('/infer')).length).toBeGreaterThan(1);
    expect(asked.filter(({ status }) => status >= 400).length).toBeGreaterThan(1);
  });
});
