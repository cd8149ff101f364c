import { definitionName, definitionsOf, openApi3 } from './type-definitions.js';

describe('definitionsOf', () => {
  it('names types as upstream does', () => {
    expect(definitionName('k8s.io/apimachinery/pkg/apis/meta/v1.ObjectMeta')).toBe(
      'io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta',
    );
  });

  it('goes to all types that are referred to', () => {
    const names = [...definitionsOf(['k8s.io/api/core/v1.Pod'], openApi3).keys()];
    expect(names).toEqual(
      expect.arrayContaining([
        'k8s.io/api/core/v1.Container',
        'k8s.io/apimachinery/pkg/api/resource.Quantity',
        'k8s.io/apimachinery/pkg/apis/meta/v1.Time',
      ]),
    );
  });
});
