/**
 * How Node runs the server, here and in the bench. Its own size for young objects is kept: with a larger one creates are somewhat
 * faster, and one collection keeps everybody waiting three times as long.
 */
export const serverFlags = ['--enable-source-maps'];
