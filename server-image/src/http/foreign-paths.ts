// What clients of other servers ask for and is not offered here: the answer says where they find what they want.

/** Paths by their beginning or end, and what to say. `model` is the name of the one that is served. */
const foreign: readonly { readonly path: RegExp; say(model: string): string }[] = [
  {
    path: /^\/v1(\/|$)/,
    say: (model) => `the V1 protocol is not offered; use V2: POST /v2/models/${model}/infer`,
  },
  {
    path: /^\/v2\/repository(\/|$)/,
    say: (model) => `models are loaded by a ModelDeployment, not by requests; this server has ${model}`,
  },
  {
    path: /^\/v2\/(system|cuda)sharedmemory(\/|$)/,
    say: () => 'shared memory is not offered; send data in the request',
  },
  {
    path: /^\/v2\/models(\/|$)/,
    say: (model) => `only metadata, ready and infer are offered: GET /v2/models/${model}`,
  },
];

/** The sentence of a 404. */
export function missingPath(method: string, url: string, model: string): string {
  const [path = ''] = url.split('?');
  const found = foreign.find((each) => each.path.test(path));
  const remedy = found?.say(model) ?? `the API begins at /v2: GET /v2/models/${model}, POST /v2/models/${model}/infer`;
  return `no such path for ${method}; ${remedy}`;
}
