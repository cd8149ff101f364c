import { randomBytes } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Config } from './config.js';
import { issueAuthority, issueServerCertificate, isUsable, type CertifiedKey } from './certificates.js';
import { readPrivateFile, writePrivateFile } from './private-file.js';

const SECRET_BYTES = 32;
const OWNER_ONLY_DIRECTORY = 0o700;

/** What Nest's container knows it by. */
export const SERVER_IDENTITY = Symbol('ServerIdentity');

/** What this server proves itself with, and lets in by. Kept in the data directory, readable by its owner only. */
export interface ServerIdentity {
  readonly adminToken: string;
  /** True once in the life of a data directory: the token was made in this very start. */
  readonly isAdminTokenNew: boolean;
  /** PEM of the authority that signed the server's certificate. */
  readonly caCertificate: string;
  readonly server: CertifiedKey;
  /** Signs the tokens in kubeconfigs. */
  readonly tokenKey: Uint8Array;
}

/** Reads the identity from the data directory, and makes on the first start what is not there. */
export async function loadServerIdentity(config: Config): Promise<ServerIdentity> {
  await mkdir(config.dataDir, { recursive: true, mode: OWNER_ONLY_DIRECTORY });
  const admin = await loadAdminToken(config);
  const authority = await loadAuthority(config.dataDir);
  const server = await loadServerCertificate(config, authority);
  const tokenKey = Buffer.from(await loadSecret(join(config.dataDir, 'token.key')), 'base64url');
  return { ...admin, caCertificate: authority.certificate, server, tokenKey };
}

async function loadAdminToken(config: Config): Promise<Pick<ServerIdentity, 'adminToken' | 'isAdminTokenNew'>> {
  if (config.adminToken !== undefined) return { adminToken: config.adminToken, isAdminTokenNew: false };
  const path = join(config.dataDir, 'admin-token');
  const known = await readPrivateFile(path);
  return { adminToken: known?.trim() ?? (await loadSecret(path)), isAdminTokenNew: known === undefined };
}

async function loadSecret(path: string): Promise<string> {
  const known = await readPrivateFile(path);
  if (known !== undefined) return known.trim();
  const secret = randomBytes(SECRET_BYTES).toString('base64url');
  await writePrivateFile(path, `${secret}\n`);
  return secret;
}

async function loadAuthority(dataDir: string): Promise<CertifiedKey> {
  const known = await readCertifiedKey(dataDir, 'ca');
  return known ?? writeCertifiedKey(dataDir, 'ca', await issueAuthority());
}

/** A certificate that has run out, or does not name the host that is configured now, is issued anew. */
async function loadServerCertificate(config: Config, authority: CertifiedKey): Promise<CertifiedKey> {
  const known = await readCertifiedKey(config.dataDir, 'server');
  if (known !== undefined && isUsable(known.certificate, authority.certificate, config.host)) return known;
  return writeCertifiedKey(config.dataDir, 'server', await issueServerCertificate(authority, config.host));
}

async function readCertifiedKey(dataDir: string, name: string): Promise<CertifiedKey | undefined> {
  const certificate = await readPrivateFile(join(dataDir, `${name}.crt`));
  const privateKey = await readPrivateFile(join(dataDir, `${name}.key`));
  return certificate === undefined || privateKey === undefined ? undefined : { certificate, privateKey };
}

async function writeCertifiedKey(dataDir: string, name: string, pair: CertifiedKey): Promise<CertifiedKey> {
  await writePrivateFile(join(dataDir, `${name}.key`), pair.privateKey);
  await writePrivateFile(join(dataDir, `${name}.crt`), pair.certificate);
  return pair;
}
