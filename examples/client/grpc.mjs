// A channel to bender:///rpc calls the instances of the frontend `rpc`. It needs: npm install @grpc/grpc-js
// Run it with: node grpc.mjs [URL of a daemon…]
import grpc from '@grpc/grpc-js';
import { Client } from 'bender-client';
import { registerBender } from 'bender-client/grpc';

registerBender(new Client({ servers: process.argv.slice(2) }));

// A service with one method, which returns a text. Services are usually read from a .proto file.
const bytes = { requestSerialize: (value) => Buffer.from(value), responseDeserialize: (value) => value.toString() };
const version = { path: '/test.Called/Version', requestStream: false, responseStream: false, ...bytes };
const Called = grpc.makeGenericClientConstructor({ version }, 'Called');

const stub = new Called('bender:///rpc', grpc.credentials.createInsecure());
stub.version('which?', (error, answer) => {
  console.log(error ? error.message : answer);
  stub.close();
});
