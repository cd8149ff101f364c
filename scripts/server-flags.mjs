/**
 * How Node runs the server. Most of what a request makes is garbage when it is answered: with the usual 16 MiB for young
 * objects they are collected so often that much of it is still in use and copied.
 */
export const serverFlags = ['--enable-source-maps', '--max-semi-space-size=64'];
