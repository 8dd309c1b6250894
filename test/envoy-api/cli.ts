// npm run envoy-api: writes the part of Envoy's API that the operator speaks, from the Go module that Envoy publishes for the
// version that gateway pods run.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { goCompiler } from '../cluster/go-compiler.ts';
import { runCommand } from '../cluster/run-command.ts';
import { readCommandLine } from '../command-line.ts';
import { messages } from './messages.ts';

const source = import.meta.dirname;
const target = join(source, '../../operator/shell/xds/envoy-api.json');

readCommandLine({
  name: 'npm run envoy-api --',
  summary: "Writes the part of Envoy's API that the operator speaks.",
  options: {},
});
const [, version] = /go-control-plane\/envoy (v\S+)/.exec(await readFile(join(source, 'go.mod'), 'utf8')) ?? [];
const directory = await mkdtemp(join(tmpdir(), 'sluice-envoy-api-'));
try {
  const go = await goCompiler(console.log);
  const env = { CGO_ENABLED: '0', GOTOOLCHAIN: 'auto', GOWORK: 'off' };
  await runCommand([go, 'run', '.', join(directory, 'set'), ...messages], { cwd: source, env });
  const schema = gzipSync(await readFile(join(directory, 'set')), { level: 9 }).toString('base64');
  await writeFile(target, `${JSON.stringify({ version, messages, schema }, undefined, 2)}\n`);
} finally {
  await rm(directory, { recursive: true });
}
