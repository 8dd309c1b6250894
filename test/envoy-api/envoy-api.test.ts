// The schema that the operator has is the one of the Envoy that gateway pods run, with every message that is listed here.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import api from '@sluice/operator/shell/xds/envoy-api.json' with { type: 'json' };
import { messages } from './messages.ts';

const root = join(import.meta.dirname, '../..');

test('has the version of the gateway image', async () => {
  const [, version] =
    /ENVOY_WHEEL=\S+==(\S+)/.exec(await readFile(join(root, 'gateway-image/Dockerfile'), 'utf8')) ?? [];
  expect(api.version).toBe(`v${version}`);
});

test('was written for these messages: if not, run `npm run envoy-api`', () => expect(api.messages).toEqual(messages));
