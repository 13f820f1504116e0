/**
 * A daemon of bender 0.2.1, as its own program starts it, for Node 6. The program cannot be told the TTL, which is
 * 4 s: what is registered would be gone before it is measured. `NODE_PATH` says where the packages are.
 */

'use strict';

var Bender = require('bender');
var joke = require('joke')();

var ports = process.argv[2].split(',').map(Number);
var peers = process.argv.slice(4);

joke.pipe(joke.stringify()).pipe(process.stdout);

var daemon = new Bender({ ttl: Number(process.argv[3]), log: joke.log.bind(joke) });
daemon.crdt.listen(ports[1], '127.0.0.1', function () {
  daemon.api.listen(ports[0], '127.0.0.1', function () {
    joke.info('listening');
  });
});

function addressOf(port) {
  return { host: '127.0.0.1', port: Number(port) };
}
daemon.connect(peers.map(addressOf));
