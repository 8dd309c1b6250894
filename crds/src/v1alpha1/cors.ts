// Which pages in browsers may ask a model: CORS, as the Fetch standard has it.
import { z } from 'zod';
import { atomicList, describe } from '../fragments.ts';

/** An origin as browsers write it: scheme, host in lower case, port where it is not the scheme's own. */
const originPattern = '^[a-z][a-z0-9+.-]*://([a-z0-9]([-a-z0-9._]*[a-z0-9])?|[[][0-9a-f:.]+[]])(:[1-9][0-9]{0,4})?$';

/** What the gateway keeps of it, too. */
export const originSchema = z.string().min(1).max(253);
export const maxOrigins = 16;

export const corsSchema = z
  .object({
    origins: z
      .array(originSchema)
      .min(1)
      .max(maxOrigins)
      .meta(
        atomicList(
          'Origins of these pages, e.g. https://app.example.com; or * alone, for every page.',
          {
            rule: `self.all(origin, origin == '*' || origin.matches('${originPattern}'))`,
            message:
              'each of cors.origins must be an origin as browsers send it, such as https://app.example.com or http://localhost:3000: lower case, no path, no slash at the end; or *',
          },
          {
            rule: "!self.exists(origin, origin.matches('^(http:.*:80|https:.*:443)$'))",
            message: 'leave :80 of http and :443 of https out of cors.origins: browsers never send them',
          },
          {
            rule: "self.size() == 1 || !self.exists(origin, origin == '*')",
            message: 'cors.origins: * allows every page; leave it out, or the others',
          },
        ),
      ),
  })
  .meta(
    describe(
      'Pages in browsers that may ask this model and read its answers, errors included. Without it none from another origin may.',
    ),
  );
export type Cors = z.output<typeof corsSchema>;
