import type { BodyEncoder } from './body-encoder.js';

/** The binary form of Kubernetes' Go types: what clients generated from them ask for. */
export const protobufEncoder: BodyEncoder = Object.freeze<BodyEncoder>({
  mediaType: 'application/vnd.kubernetes.protobuf',
  canStream: true,
  isTyped: true,
  encode: ({ protobuf }) => protobuf,
});
