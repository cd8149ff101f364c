import type { StatusError } from '../../machinery/status-error.js';
import { parseAccept } from './accept-header.js';
import { checkRoute, negotiateError, negotiateObject, negotiateStream } from './negotiation.js';

const TABLE = 'application/json;as=Table;v=v1;g=meta.k8s.io';
const ACCEPTED =
  'only the following media types are accepted: application/json, application/yaml, application/vnd.kubernetes.protobuf';

const asking = (accept: string | undefined, query = '', agent?: string) => ({
  request: { headers: { accept, 'user-agent': agent }, query },
});
const messageOf = (act: () => unknown): string => {
  try {
    act();
  } catch (error) {
    return (error as StatusError).message;
  }
  return '';
};

describe('parseAccept', () => {
  it('puts the better quality first and wildcards last', () => {
    const types = (header: string) => parseAccept(header).map(({ type, subtype }) => `${type}/${subtype}`);
    expect(types('application/json;q=0.5,application/yaml')).toEqual(['application/yaml', 'application/json']);
    expect(types('*/*,application/yaml')).toEqual(['application/yaml', '*/*']);
    expect(types('nonsense')).toEqual([]);
  });
});

describe('negotiateObject', () => {
  it.each([
    [undefined, 'application/json'],
    ['', 'application/json'],
    ['*/*', 'application/json'],
    ['application/json;q=0.5,application/yaml', 'application/yaml'],
    ['application/xml,application/yaml', 'application/yaml'],
    ['application/vnd.kubernetes.protobuf,application/json', 'application/vnd.kubernetes.protobuf'],
    [`application/vnd.kubernetes.protobuf;as=Table;v=v1;g=meta.k8s.io,${TABLE}`, 'application/json'],
    ['application/json;stream=watch', 'application/json'],
    ['application/json; profile=x', 'application/json'],
    ['text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8', 'application/json'],
  ])('answers %s in %s', (accept, mediaType) => {
    expect(negotiateObject(asking(accept)).encoder.mediaType).toBe(mediaType);
  });

  it('finds the form', () => {
    expect(negotiateObject(asking(`${TABLE},application/json`)).form).toEqual({ kind: 'Table', version: 'v1' });
    expect(negotiateObject(asking('application/json;as=Table;v=v1beta1;g=meta.k8s.io')).form?.version).toBe('v1beta1');
    expect(
      negotiateObject(asking(`application/json;as=Table;v=v2;g=meta.k8s.io,application/json`)).form,
    ).toBeUndefined();
  });

  it.each([
    'application/json;as=Table;v=v2;g=meta.k8s.io',
    'application/json;as=Table;v=v1',
    'application/json;as=partialobjectmetadata;v=v1;g=meta.k8s.io',
    'application/vnd.kubernetes.protobuf;as=Table;v=v1;g=meta.k8s.io',
  ])('refuses %s', (accept) => {
    expect(messageOf(() => negotiateObject(asking(accept)))).toBe(ACCEPTED);
  });

  it('indents for people', () => {
    expect(negotiateObject(asking('*/*', '', 'curl/8.0')).isPretty).toBe(true);
    expect(negotiateObject(asking('*/*', 'pretty=false', 'curl/8.0')).isPretty).toBe(false);
    expect(negotiateObject(asking('*/*', 'pretty=1')).isPretty).toBe(true);
    expect(negotiateObject(asking('*/*', 'pretty=bogus')).isPretty).toBe(false);
  });
});

describe('checkRoute', () => {
  it.each(['application/*', 'text/html', 'nonsense', 'application/cbor'])('refuses %s', (accept) => {
    expect(messageOf(() => checkRoute(asking(accept), 'object'))).toBe(
      '406: Not Acceptable\n\nAvailable representations: application/json, application/yaml, application/vnd.kubernetes.protobuf',
    );
  });

  it('names stream types for collections', () => {
    expect(messageOf(() => checkRoute(asking('application/xml'), 'collection'))).toContain('protobuf;stream=watch');
  });
});

describe('negotiateStream', () => {
  it('gives no watch in YAML, and says so in YAML', () => {
    const context = asking('application/yaml');
    expect(messageOf(() => negotiateStream(context))).toBe(
      'only the following media types are accepted: application/json;stream=watch, application/vnd.kubernetes.protobuf;stream=watch',
    );
    expect(negotiateError(context).encoder.mediaType).toBe('application/yaml');
  });
});
