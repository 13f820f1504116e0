import type { Change } from '../../../../../src/crdt/change-reader.js';
import { ChangeProofs } from '../../../../../src/daemon/core/replication/change-proofs.js';
import type { Proof } from '../../../../../src/daemon/core/identity.js';

const change = (seq: number): Change => ({
  ...{ hash: `hash-${seq}`, seq, bytes: new Uint8Array(10), actor: 'a', startOp: seq },
  ...{ deps: [], message: null, time: 0, writes: [] },
});
const proof = (seq: number): Proof => [new Uint8Array([seq]), new Uint8Array([seq])];

describe('the signatures of changes', () => {
  it('include that of the last change, also when a message before it arrives late or again', () => {
    const proofs = new ChangeProofs();
    proofs.add([change(1)], proof(1));
    proofs.add([change(2), change(3)], proof(3));
    proofs.add([change(2)], proof(2));
    proofs.add([change(1)], proof(1));
    expect(proofs.get('hash-3')).toEqual(proof(3));
    proofs.add([change(4)], proof(4));
    expect(proofs.get('hash-4')).toEqual(proof(4));
  });

  it('are few for a long line of changes', () => {
    const proofs = new ChangeProofs();
    for (let seq = 1; seq <= 1000; seq++) proofs.add([change(seq)], proof(seq));
    const kept = Array.from({ length: 1000 }, (_, index) => proofs.get(`hash-${index + 1}`)).filter(Boolean);
    expect(kept.length).toBeLessThan(15);
    expect(proofs.get('hash-1000')).toBeDefined();
  });
});
