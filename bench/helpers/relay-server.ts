/**
 * The least that Node processes can do to have watchers hear of a request that another one got: a server that tells its
 * watchers of every POST, and passes it on to its peers, whose URLs are in PEERS.
 */

import { Agent, createServer, request, type ServerResponse } from 'node:http';

const [, , port] = process.argv as [string, string, string];
const peers = (process.env.PEERS ?? '').split(' ').filter((url) => url !== '');
const agent = new Agent({ keepAlive: true });
const watchers = new Set<ServerResponse>();

function tell(event: string): void {
  for (const watcher of watchers) watcher.write(`data: ${event}\n\n`);
}

function passOn(event: string): void {
  for (const peer of peers) {
    const headers = { 'content-length': Buffer.byteLength(event) };
    request(`${peer}/peer`, { method: 'POST', agent, headers }, (answer) => answer.resume()).end(event);
  }
}

const server = createServer((message, response) => {
  const url = message.url!;
  if (message.method === 'GET') {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write('data: {"type":"snapshot"}\n\n');
    watchers.add(response);
    return;
  }
  let body = '';
  message.setEncoding('utf8');
  message.on('data', (chunk: string) => (body += chunk));
  message.on('end', () => {
    const isFromPeer = url === '/peer';
    const id = url.slice('/registrations/'.length);
    const event = isFromPeer ? body : JSON.stringify({ type: 'online', registration: { id } });
    tell(event);
    if (!isFromPeer) setImmediate(passOn, event);
    response.writeHead(200, { 'content-length': 2 }).end('{}');
  });
});
server.keepAliveTimeout = 75_000;
server.listen(Number(port), '127.0.0.1', () => process.stdout.write('listening\n'));
