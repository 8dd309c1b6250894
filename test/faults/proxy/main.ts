// The fault proxy as a program: rules from a file of JSON, requests as lines of JSON.
import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { startFaultProxy } from './fault-proxy.ts';
import type { Rule } from './rules.ts';

const usage = `node test/faults/proxy/main.ts --kubeconfig FILE [--context NAME] [--port N] [--rules FILE] [--record FILE]

Puts a proxy on http://127.0.0.1:N in front of the apiserver of the kubeconfig. FILE of --rules is a list of rules as
test/faults/proxy/rules.ts describes them, for example
  [{"match": {"verbs": ["patch"], "resource": "jobs"}, "nth": 2, "fault": {"kind": "dropResponse"}}]`;

const { values } = parseArgs({
  options: {
    kubeconfig: { type: 'string' },
    context: { type: 'string' },
    port: { type: 'string' },
    rules: { type: 'string' },
    record: { type: 'string' },
    help: { type: 'boolean' },
  },
});

if (values.help || values.kubeconfig === undefined) {
  console.log(usage);
  process.exit(values.help ? 0 : 2);
}

const rules = values.rules === undefined ? [] : (JSON.parse(await readFile(values.rules, 'utf8')) as Rule[]);
const proxy = await startFaultProxy({
  kubeconfig: values.kubeconfig,
  context: values.context,
  port: Number(values.port ?? 0),
  rules,
  recordTo: values.record,
});
console.log(`${proxy.url}\nKUBECONFIG=${proxy.kubeconfigPath}`);
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    void proxy.stop().then(() => process.exit(0));
  });
}
