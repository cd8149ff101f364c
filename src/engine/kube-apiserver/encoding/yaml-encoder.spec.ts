import { yamlOf } from './yaml-encoder.js';

describe('yamlOf', () => {
  it('sorts keys and folds long text as upstream does', () => {
    const message =
      'ConfigMap in version "v1" cannot be handled as a ConfigMap: strict decoding error: unknown field "bogus"';
    expect(yamlOf({ kind: 'Status', apiVersion: 'v1', message, metadata: {}, code: 400 })).toBe(
      `apiVersion: v1
code: 400
kind: Status
message: 'ConfigMap in version "v1" cannot be handled as a ConfigMap: strict decoding
  error: unknown field "bogus"'
metadata: {}
`,
    );
  });

  it('quotes what would not be read as text', () => {
    const object = {
      time: '2026-01-01T00:00:00Z',
      data: { yes: 'true', number: '5', version: '1.2.3', address: '10.0.0.1', uid: '5e3a-11' },
    };
    expect(yamlOf(object)).toBe(
      'data:\n  address: 10.0.0.1\n  number: "5"\n  uid: 5e3a-11\n  version: 1.2.3\n  "yes": "true"\ntime: "2026-01-01T00:00:00Z"\n',
    );
  });

  it('puts lists at the column of their key and keeps line breaks', () => {
    expect(
      yamlOf({ a: [{ b: 1, a: [] }], message: '406: Not Acceptable\n\nAvailable representations: application/json' }),
    ).toBe(
      'a:\n- a: []\n  b: 1\nmessage: |-\n  406: Not Acceptable\n\n  Available representations: application/json\n',
    );
  });
});
