// Checks what each verb puts on the wire.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { KubeClient } from './client.ts';
import { RESOURCES } from './resources.ts';
import { sendJson, startTestServer, type TestServer } from './testing/http-server.ts';
import { stored } from './testing/stored.ts';
import { createTransport, type Transport } from './transport/transport.ts';

const { configMaps } = RESOURCES;
const object = stored({ name: 'a' });
const path = '/api/v1/namespaces/default/configmaps';
let server: TestServer;
let transport: Transport;
let client: KubeClient;

beforeAll(async () => {
  server = await startTestServer((_request, response) => sendJson(response, object));
  transport = createTransport(server.access, { userAgent: 'test/1' });
  client = new KubeClient(transport, { fieldManager: 'me' });
});

afterAll(async () => {
  await transport.close();
  await server.close();
});

const manager = 'fieldManager=me';
const strict = 'fieldValidation=Strict';

test.each<[string, () => Promise<unknown>, string, string, string]>([
  ['create', () => client.create(configMaps, object), `POST ${path}`, `${manager}&${strict}`, 'application/json'],
  ['replace', () => client.replace(configMaps, object), `PUT ${path}/a`, `${manager}&${strict}`, 'application/json'],
  [
    'apply',
    () => client.apply(configMaps, object),
    `PATCH ${path}/a`,
    `${manager}&force=true&${strict}`,
    'application/apply-patch+yaml',
  ],
  [
    'applyStatus',
    () => client.applyStatus(configMaps, { ...object, status: {} }),
    `PATCH ${path}/a/status`,
    `${manager}&force=true&${strict}`,
    'application/apply-patch+yaml',
  ],
  [
    'delete',
    () => client.delete(configMaps, object.metadata, { uid: 'u' }),
    `DELETE ${path}/a`,
    '',
    'application/json',
  ],
])('H15: %s is strict, says who writes and what it sends', async (_verb, call, line, query, contentType) => {
  await call();
  const seen = server.seen.at(-1);
  expect(`${seen?.method} ${seen?.path}`).toBe(line);
  expect(seen?.query.toString()).toBe(query);
  expect(seen?.headers).toMatchObject({ 'content-type': contentType, 'user-agent': 'test/1' });
});

test('a deletion names what it may delete', async () => {
  await client.delete(configMaps, object.metadata, { uid: 'u', resourceVersion: '7' });
  expect(JSON.parse(server.seen.at(-1)?.body ?? '')).toMatchObject({
    preconditions: { uid: 'u', resourceVersion: '7' },
    propagationPolicy: 'Background',
  });
});

test('R3: a list asks for the newest state: never for one that an apiserver has in its cache', async () => {
  server.answer((_request, response) => sendJson(response, { metadata: { resourceVersion: '1' }, items: [] }));
  await client.list(configMaps, { namespace: 'default' });
  expect(server.seen.at(-1)?.query.has('resourceVersion')).toBe(false);
});
