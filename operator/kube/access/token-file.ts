// Finds the token file that a kubeconfig gives its user. client-node leaves `tokenFile` out of what it reads, and would
// send requests without credentials; it does read such files as the setting of an authenticator.
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { delimiter, dirname, join, resolve } from 'node:path';
import type { User } from '@kubernetes/client-node';
import { isRecord } from '../objects.ts';

/** The kubeconfig files that there are, in the order in which they are looked through. */
export function kubeconfigFiles(
  chosen: string | undefined,
  { KUBECONFIG, HOME }: Readonly<Record<string, string | undefined>>,
): string[] {
  if (chosen !== undefined) return [chosen];
  const files = KUBECONFIG ? KUBECONFIG.split(delimiter) : [join(HOME ?? '', '.kube', 'config')];
  return files.filter((file) => file !== '' && existsSync(file));
}

/**
 * The user with its token file, if one of these files gives it one, as an authenticator that reads it anew when asked. Like
 * kubectl it takes the file rather than a token beside it, and a relative path from where the kubeconfig lies.
 * @throws Error when the token file cannot be read.
 */
export async function withTokenFile(
  user: User,
  files: readonly string[],
  parse: (yaml: string) => unknown,
): Promise<User> {
  for (const file of files) {
    const tokenFile = tokenFileIn(parse(await readFile(file, 'utf8')), user.name);
    if (tokenFile !== undefined)
      return withAuthenticator(user, await readable(resolve(dirname(file), tokenFile), user.name));
  }
  return user;
}

function tokenFileIn(kubeconfig: unknown, name: string): string | undefined {
  const users = isRecord(kubeconfig) ? kubeconfig['users'] : undefined;
  const entry: unknown = Array.isArray(users)
    ? users.find((each) => isRecord(each) && each['name'] === name)
    : undefined;
  const user = isRecord(entry) ? entry['user'] : undefined;
  const tokenFile = isRecord(user) ? user['tokenFile'] : undefined;
  return typeof tokenFile === 'string' && tokenFile !== '' ? tokenFile : undefined;
}

function withAuthenticator({ token: _besideIt, ...user }: User, tokenFile: string): User {
  return { ...user, authProvider: { name: 'tokenFile', config: { tokenFile } } };
}

async function readable(tokenFile: string, user: string): Promise<string> {
  try {
    await readFile(tokenFile);
    return tokenFile;
  } catch (cause) {
    throw new Error(`kubeconfig: cannot read tokenFile ${tokenFile} of user "${user}"; correct the path`, { cause });
  }
}
