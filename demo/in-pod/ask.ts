// Runs in a pod: posts standard input to the URL of the first argument, and prints the status and the body as JSON.
import { text } from 'node:stream/consumers';

const [url = ''] = process.argv.slice(2);
const body = await text(process.stdin);
const response = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
console.log(JSON.stringify({ status: response.status, body: await response.text() }));
