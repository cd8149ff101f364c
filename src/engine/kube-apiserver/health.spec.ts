import { healthText } from './health.js';
import { Query } from './query.js';

describe('healthText', () => {
  it('knows the checks of each root', () => {
    expect(healthText('/livez/poststarthook/rbac/bootstrap-roles', Query.empty)).toBe('ok');
    expect(healthText('/readyz/shutdown', Query.empty)).toBe('ok');
    expect(healthText('/livez/shutdown', Query.empty)).toBeUndefined();
    expect(healthText('/healthz/nosuch', Query.empty)).toBeUndefined();
  });

  it('lists them, and what is excluded, when asked to be verbose', () => {
    expect(healthText('/livez', new Query('verbose&exclude=etcd&exclude=nosuch'))).toMatch(
      /^\[\+\]ping ok\n\[\+\]log ok\n\[\+\]etcd excluded: ok\n[^]*no matches for "nosuch"\nlivez check passed\n$/,
    );
  });
});
