// What is told of strangers who open streams: all in the metric, each once in the log.
import { expect, test } from '@jest/globals';
import { RefusedStreams } from './refused-streams.ts';

function setUp() {
  const counted: unknown[] = [];
  const lines: string[] = [];
  const refused = new RefusedStreams(
    { count: (name, labels) => counted.push([name, labels?.['reason']]) },
    { write: (level, message, fields) => lines.push(`${level} ${fields?.['key']} ${message}`) },
  );
  return { refused, counted, lines };
}

test('one that tries again and again is counted each time and said once, whichever port it comes from', () => {
  const { refused, counted, lines } = setUp();
  for (let port = 40_000; port < 40_100; port += 1) refused.tell('NoToken', `10.0.0.9:${port}`);
  expect(counted).toHaveLength(100);
  expect(counted[0]).toEqual(['gateway_streams_refused_total', 'NoToken']);
  expect(lines).toEqual([
    "warn 10.0.0.9 a gateway's stream was refused: it shows no token: no gateway of this release",
  ]);
});

test('another reason and another stranger are said, too, and very many cost no memory', () => {
  const { refused, lines } = setUp();
  refused.tell('Expired', '10.0.0.9:1');
  refused.tell('NoToken', '10.0.0.9:1');
  refused.tell('NoToken', '[fd00::9]:1');
  expect(lines).toHaveLength(3);
  for (let stranger = 0; stranger < 2_000; stranger += 1) refused.tell('NoToken', `10.1.${stranger}:1`);
  refused.tell('NoToken', '10.0.0.9:1');
  expect(lines).toHaveLength(2_004);
});
