// The filter that answers for a revision that failed: the last one before a request goes to its revision, so that whatever is
// refused before it, and every refusal of a client's own fault, passes it by.
import { fallbackAnswers, fallbackMetadata, fallbackScript } from './script.ts';

export const fallbackFilterName = 'sluice.fallback';

/** Only where a route says so. All listeners share the states of Lua that run it. */
export const fallbackFilter = {
  name: fallbackFilterName,
  disabled: true,
  typed_config: {
    '@type': 'type.googleapis.com/envoy.extensions.filters.http.lua.v3.Lua',
    stat_prefix: 'fallback',
    shared_vm_id: fallbackFilterName,
    default_source_code: { inline_string: fallbackScript },
  },
};

/** What the script does for requests of a route. */
export type FallbackContext = {
  readonly static_answer?: string;
  readonly live?: {
    readonly revision: string;
    readonly version?: string;
    readonly cluster: string;
    readonly request_bytes: number;
    readonly timeout_ms: number;
    /** By then a request of the route has ended, however it did. */
    readonly held_seconds: number;
  };
};

/** Turns the filter on for a route. */
export const fallingBack = (context: FallbackContext) => ({
  [fallbackFilterName]: {
    '@type': 'type.googleapis.com/envoy.extensions.filters.http.lua.v3.LuaPerRoute',
    filter_context: context,
  },
});

/** Names of the counters: `<scope>.<counter>.<tag>.<deployment>`; for Prometheus the tag is a label. */
export const fallbackCounters = { liveVersion: 'live_version', staticAnswer: 'static_answer' } as const;
export const fallbackScope = 'sluice_fallback';
export const fallbackTag = 'mdep';

const counter = (deployment: string, answer: keyof typeof fallbackCounters) => ({
  name: 'envoy.access_loggers.stats',
  filter: {
    metadata_filter: {
      matcher: {
        filter: fallbackMetadata.namespace,
        path: [{ key: fallbackMetadata.answeredBy }],
        value: { string_match: { exact: fallbackAnswers[answer] } },
      },
      match_if_key_not_found: false,
    },
  },
  typed_config: {
    '@type': 'type.googleapis.com/envoy.extensions.access_loggers.stats.v3.Config',
    stats_scope: { prefix: fallbackScope },
    counters: [
      {
        stat: { name: fallbackCounters[answer], tags: [{ name: fallbackTag, value_format: deployment }] },
        value_fixed: 1,
      },
    ],
  },
});

/** Access logs of a deployment's listener that count the answers. */
export const fallbackLogs = (deployment: string): object[] => [
  counter(deployment, 'liveVersion'),
  counter(deployment, 'staticAnswer'),
];
