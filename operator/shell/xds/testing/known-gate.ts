// A gate for tests of what comes behind it: the token of a gateway pod is the name of its namespace.
import { newIdentity } from '../../hop/identity.ts';
import { Gate } from '../gate.ts';

/** What the operator shows. */
export const shownIdentity = newIdentity(new Date());

/** Lets in whoever shows a token. */
export const knownGate = (onFailure: (error: unknown) => void): Gate =>
  new Gate({
    tokens: {
      admit: async (authorization) => {
        const [, namespace] = /^Bearer (\S+)$/.exec(authorization ?? '') ?? [];
        if (namespace === undefined) return 'NoToken';
        return { namespace, pod: { name: 'gateway-1', uid: 'gateway-1' }, until: Number.MAX_SAFE_INTEGER };
      },
      isStill: () => true,
    },
    isReady: () => true,
    onRefusal: () => {},
    onFailure,
  });
