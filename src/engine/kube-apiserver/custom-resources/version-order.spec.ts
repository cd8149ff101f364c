import { compareVersions } from './version-order.js';

it('prefers stable versions, then the newest', () => {
  const names = [
    'foo1',
    'v1beta1',
    'v10',
    'v11alpha2',
    'v2',
    'v10beta3',
    'v11beta2',
    'v3beta1',
    'v1',
    'v12alpha1',
    'foo10',
  ];
  expect(names.toSorted(compareVersions)).toEqual([
    'v10',
    'v2',
    'v1',
    'v11beta2',
    'v10beta3',
    'v3beta1',
    'v1beta1',
    'v12alpha1',
    'v11alpha2',
    'foo1',
    'foo10',
  ]);
});
