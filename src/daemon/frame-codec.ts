/** Frames as bytes, the same for those who post them and those who answer. */

import { Encoder } from 'cbor-x';

/** Bytes of one frame; a first sync goes in pieces well below. */
export const maxFrameBytes = 32 * 1024 * 1024;

export const frameContentType = 'application/cbor';

/** The path that takes frames, below a daemon's URL. */
export const peerPath = '/peer';

/** Plain CBOR, without cbor-x's own record extension. */
const codec = new Encoder({ useRecords: false });

export const encodeFrame = (frame: unknown): Buffer => codec.encode(frame);

/** Throws where the bytes are not one CBOR value. What that value is, is for the reader to check. */
export const decodeFrame = (bytes: Buffer): unknown => codec.decode(bytes);
