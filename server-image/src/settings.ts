// Reads what the operator tells the server in the environment. Pure: the entry points pass the environment in.
import { env, type ServerSettings, serverSettingsSchema } from '@sluice/crds/contract.ts';
import type { ModelIdentity } from './protocol/infer-response.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** What the operator decided about this pod. */
export type ServerIdentity = {
  readonly model: ModelIdentity;
  readonly revision: string;
  readonly bundleDigest: string;
  readonly settings: ServerSettings;
};

/** Throws Error naming the variable that is missing or wrong. */
export function readServerIdentity(environment: Environment): ServerIdentity {
  return {
    model: { name: required(environment, env.modelName), version: required(environment, env.modelVersion) },
    revision: required(environment, env.revision),
    bundleDigest: required(environment, env.bundleDigest),
    settings: readSettings(required(environment, env.serverSettings)),
  };
}

/** The value of a variable that must be set. Throws Error with its name. */
export function required(environment: Environment, name: string): string {
  const value = environment[name];
  if (!value) throw new Error(`environment variable ${name} is not set; the operator sets it on its pods`);
  return value;
}

/** Most bytes that the bundle's files may have; undefined when nobody has said. Throws Error for what is no number. */
export function bundleMaxBytes(environment: Environment): number | undefined {
  const value = environment[env.bundleBytes];
  if (value === undefined) return undefined;
  if (/^\d{1,15}$/.test(value)) return Number(value);
  throw new Error(`environment variable ${env.bundleBytes} is no number of bytes: ${value.slice(0, 50)}`);
}

function readSettings(text: string): ServerSettings {
  try {
    return serverSettingsSchema.parse(JSON.parse(text));
  } catch (error) {
    throw new Error(`environment variable ${env.serverSettings} is not the JSON of server settings`, { cause: error });
  }
}
