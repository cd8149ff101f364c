import { BlockList, isIP } from 'node:net';

const PORT_MAX = 65_535;
const ADMIN_TOKEN_LENGTH_MIN = 16;
const IPV4_BITS = 32;
const IPV6_BITS = 128;

/** A setting that cannot be used; the message names it and says what it must be. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

/** The settings of this process, validated once at its start and frozen. */
export class Config {
  /** The address that both doors listen on. */
  readonly host: string;
  /** 0 takes a free port. */
  readonly httpPort: number;
  readonly httpsPort: number;
  /** Databases, keys and certificates. */
  readonly dataDir: string;
  /** Where webhooks of clusters may be called. */
  readonly outsideAddresses: BlockList;
  /** Replaces the generated token where given. */
  readonly adminToken: string | undefined;

  private constructor(environment: Environment) {
    this.host = text(environment, 'FLOTILLA_HOST', '127.0.0.1');
    this.httpPort = port(environment, 'FLOTILLA_HTTP_PORT', 8080);
    this.httpsPort = port(environment, 'FLOTILLA_HTTPS_PORT', 6443);
    this.dataDir = text(environment, 'FLOTILLA_DATA_DIR', './data');
    this.outsideAddresses = addresses(environment, 'FLOTILLA_OUTSIDE_ADDRESSES', '127.0.0.0/8,::1/128');
    this.adminToken = adminToken(environment);
    if (this.httpPort !== 0 && this.httpPort === this.httpsPort) {
      throw new ConfigError('FLOTILLA_HTTP_PORT and FLOTILLA_HTTPS_PORT must differ');
    }
    if (environment['DATABASE_URL'] !== undefined && environment['DATABASE_URL'] !== '') {
      throw new ConfigError(
        'DATABASE_URL: PostgreSQL is not supported yet; unset it to use SQLite in FLOTILLA_DATA_DIR',
      );
    }
    Object.freeze(this);
  }

  /** @throws ConfigError */
  static fromEnvironment(environment: Environment): Config {
    return new Config(environment);
  }
}

export type Environment = Readonly<Record<string, string | undefined>>;

function text(environment: Environment, name: string, preset: string): string {
  const value = (environment[name] ?? '').trim();
  return value === '' ? preset : value;
}

function port(environment: Environment, name: string, preset: number): number {
  const value = text(environment, name, String(preset));
  const number = Number(value);
  if (!/^\d+$/.test(value) || number > PORT_MAX) {
    throw new ConfigError(`${name} must be a port from 0 to ${PORT_MAX}, not ${JSON.stringify(value)}`);
  }
  return number;
}

/** Networks (CIDR) and single addresses, with commas between them. */
function addresses(environment: Environment, name: string, preset: string): BlockList {
  const list = new BlockList();
  for (const each of text(environment, name, preset).split(',')) {
    const [address = '', bits] = each.trim().split('/');
    const family = isIP(address);
    const length = Number(bits ?? (family === 6 ? IPV6_BITS : IPV4_BITS));
    if (family === 0 || !/^\d+$/.test(String(length)) || length > (family === 6 ? IPV6_BITS : IPV4_BITS)) {
      throw new ConfigError(`${name} must be a list of networks such as 127.0.0.0/8, not ${JSON.stringify(each)}`);
    }
    list.addSubnet(address, length, family === 6 ? 'ipv6' : 'ipv4');
  }
  return list;
}

function adminToken(environment: Environment): string | undefined {
  const value = text(environment, 'FLOTILLA_ADMIN_TOKEN', '');
  if (value === '') return undefined;
  if (value.length < ADMIN_TOKEN_LENGTH_MIN || !/^[\x21-\x7e]+$/.test(value)) {
    throw new ConfigError(
      `FLOTILLA_ADMIN_TOKEN must be at least ${ADMIN_TOKEN_LENGTH_MIN} visible ASCII characters without spaces`,
    );
  }
  return value;
}
