// What a connection of a client may be, at every listener: its protocols, how much it holds and how long.
import { mostHeaders, mostHeadersKiB } from './request-limits.ts';
import { arrivalSeconds, headSeconds, idleConnectionSeconds, silentStreamSeconds } from './time-limits.ts';

/** What one connection of HTTP/2 may hold open, and send before it is read. */
const manyStreams = {
  max_concurrent_streams: 100,
  initial_stream_window_size: 262_144,
  initial_connection_window_size: 1_048_576,
};

type ClientLimits = {
  /** The host of a request of HTTP/1.0 that names none. nginx speaks it to its upstreams unless told otherwise. */
  readonly defaultHost: string;
  /** What is not the client's, and may be there beside what a client may send. */
  readonly moreHeaders?: { readonly count: number; readonly kib: number };
};

/** Fields of a connection manager. */
export const clientLimits = ({ defaultHost, moreHeaders = { count: 0, kib: 0 } }: ClientLimits) => ({
  http_protocol_options: { accept_http_10: true, default_host_for_http_10: defaultHost },
  http2_protocol_options: manyStreams,
  common_http_protocol_options: {
    idle_timeout: `${idleConnectionSeconds}s`,
    max_headers_count: mostHeaders + moreHeaders.count,
  },
  max_request_headers_kb: mostHeadersKiB + moreHeaders.kib,
  request_headers_timeout: `${headSeconds}s`,
  request_timeout: `${arrivalSeconds}s`,
  stream_idle_timeout: `${silentStreamSeconds}s`,
});
