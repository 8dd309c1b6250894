// Builds stored objects for tests.
import type { KubeObject, ObjectMeta, Stored } from '../objects.ts';

/** A stored object of any kind; what is not given is made up from the name. */
export function stored<Extra extends object>(
  meta: Partial<ObjectMeta> & { readonly name: string },
  rest: Extra & { readonly kind?: string; readonly apiVersion?: string } = {} as Extra,
): Stored<KubeObject & Extra> {
  const metadata = {
    namespace: 'default',
    uid: `uid-of-${meta.name}`,
    resourceVersion: '1',
    generation: 1,
    creationTimestamp: '2026-11-21T10:00:00Z',
    ...meta,
  };
  return { apiVersion: 'v1', kind: 'ConfigMap', ...rest, metadata } as Stored<KubeObject & Extra>;
}
