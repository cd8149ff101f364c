import { Config, ConfigError } from './config.js';

describe('Config', () => {
  it('has a default for everything', () => {
    expect(Config.fromEnvironment({})).toMatchObject({
      host: '127.0.0.1',
      httpPort: 8080,
      httpsPort: 6443,
      dataDir: './data',
      adminToken: undefined,
    });
  });

  it('is frozen', () => {
    expect(Object.isFrozen(Config.fromEnvironment({}))).toBe(true);
  });

  it('takes 0 as a free port, twice', () => {
    const config = Config.fromEnvironment({ FLOTILLA_HTTP_PORT: '0', FLOTILLA_HTTPS_PORT: '0' });
    expect([config.httpPort, config.httpsPort]).toEqual([0, 0]);
  });

  it.each([
    [{ FLOTILLA_HTTP_PORT: 'eighty' }, 'FLOTILLA_HTTP_PORT must be a port'],
    [{ FLOTILLA_HTTPS_PORT: '65536' }, 'FLOTILLA_HTTPS_PORT must be a port'],
    [{ FLOTILLA_HTTP_PORT: '-1' }, 'FLOTILLA_HTTP_PORT must be a port'],
    [{ FLOTILLA_HTTP_PORT: '6443' }, 'must differ'],
    [{ FLOTILLA_ADMIN_TOKEN: 'short' }, 'FLOTILLA_ADMIN_TOKEN must be at least'],
    [{ DATABASE_URL: 'postgres://localhost/flotilla' }, 'DATABASE_URL'],
  ])('refuses %j', (environment, message) => {
    const read = (): Config => Config.fromEnvironment(environment);
    expect(read).toThrow(ConfigError);
    expect(read).toThrow(message);
  });
});
