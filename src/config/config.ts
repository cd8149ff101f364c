const PORT_MAX = 65_535;
const ADMIN_TOKEN_LENGTH_MIN = 16;

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
  /** Replaces the generated token where given. */
  readonly adminToken: string | undefined;

  private constructor(environment: Environment) {
    this.host = text(environment, 'FLOTILLA_HOST', '127.0.0.1');
    this.httpPort = port(environment, 'FLOTILLA_HTTP_PORT', 8080);
    this.httpsPort = port(environment, 'FLOTILLA_HTTPS_PORT', 6443);
    this.dataDir = text(environment, 'FLOTILLA_DATA_DIR', './data');
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
