/** A body that does not fit its type. The message is Go's, word for word; the API server says around it of which kind. */
export class DecodeError extends Error {
  override readonly name = 'DecodeError';
}
