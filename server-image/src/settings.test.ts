import { expect, test } from '@jest/globals';
import { bundleMaxBytes, readServerIdentity } from './settings.ts';

const settings = {
  workers: 1,
  queueSize: 10,
  maxRequestBytes: 4096,
  maxElements: 1000,
  requestTimeoutSeconds: 5,
  drainSeconds: 5,
};
const environment = {
  SLUICE_MODEL_NAME: 'digits',
  SLUICE_MODEL_VERSION: 'digits-1',
  SLUICE_REVISION: '7c9f4',
  SLUICE_BUNDLE_DIGEST: 'sha256:ab',
  SLUICE_SERVER_SETTINGS: JSON.stringify(settings),
};

test("the operator's variables become the server's identity", () => {
  expect(readServerIdentity(environment)).toEqual({
    model: { name: 'digits', version: 'digits-1' },
    revision: '7c9f4',
    bundleDigest: 'sha256:ab',
    settings,
  });
});

test.each(Object.keys(environment))('without %s the server does not start, and says so', (name) => {
  expect(() => readServerIdentity({ ...environment, [name]: undefined })).toThrow(
    `environment variable ${name} is not set`,
  );
});

test.each(['{', '{}', JSON.stringify({ ...settings, workers: 0 })])('settings %s are refused by name', (text) => {
  expect(() => readServerIdentity({ ...environment, SLUICE_SERVER_SETTINGS: text })).toThrow(
    'environment variable SLUICE_SERVER_SETTINGS is not the JSON of server settings',
  );
});

test('the bytes of a bundle are a number, or not known', () => {
  expect(bundleMaxBytes({ SLUICE_BUNDLE_BYTES: '3221225472' })).toBe(3_221_225_472);
  expect(bundleMaxBytes({})).toBeUndefined();
  expect(() => bundleMaxBytes({ SLUICE_BUNDLE_BYTES: '3Gi' })).toThrow(
    'SLUICE_BUNDLE_BYTES is no number of bytes: 3Gi',
  );
});
