import fc from 'fast-check';
import { textCodec } from '../../../../test/support/engine-harness.js';
import type { FlowSchemaSpec, Subject } from '../../machinery/api/flowcontrol-v1.js';
import { requestAttributes } from '../authorization/request-attributes.js';
import { Query } from '../query.js';
import { matchesFlowSchema } from './flow-schema-matching.js';
import { dealHand, flowHash } from './shuffle-sharding.js';

const EVERY_RESOURCE = { verbs: ['*'], apiGroups: ['*'], resources: ['*'], clusterScope: true, namespaces: ['*'] };
const EVERY_PATH = { verbs: ['*'], nonResourceURLs: ['*'] };
const EVERYBODY: Subject = { kind: 'Group', group: { name: '*' } };

function isFor(line: string, more: object, user: string | readonly string[] = 'jane'): boolean {
  const [method = '', url = ''] = line.split(' ');
  const [path = '', query = ''] = url.split('?', 2);
  const [username = '', ...groups] = typeof user === 'string' ? [user] : user;
  const rule = { subjects: [EVERYBODY], ...more };
  const spec: FlowSchemaSpec = { priorityLevelConfiguration: { name: 'l' }, rules: [rule] };
  return matchesFlowSchema(requestAttributes({ method, path }, new Query(query), { username, groups }), spec);
}

describe('the subjects of a FlowSchema', () => {
  const all = { resourceRules: [EVERY_RESOURCE] };
  it.each<[Subject, readonly string[], boolean]>([
    [{ kind: 'User', user: { name: 'jane' } }, ['jane'], true],
    [{ kind: 'User', user: { name: 'jane' } }, ['joe', 'jane'], false],
    [{ kind: 'User', user: { name: '*' } }, ['joe'], true],
    [{ kind: 'Group', group: { name: 'g' } }, ['joe', 'f', 'g'], true],
    [{ kind: 'Group', group: { name: 'g' } }, ['g'], false],
    [{ kind: 'Group', group: { name: '*' } }, ['joe'], true],
    [{ kind: 'ServiceAccount', serviceAccount: { namespace: 'a', name: 'b' } }, ['system:serviceaccount:a:b'], true],
    [{ kind: 'ServiceAccount', serviceAccount: { namespace: 'a', name: 'b' } }, ['system:serviceaccount:a:bc'], false],
    [{ kind: 'ServiceAccount', serviceAccount: { namespace: 'a', name: '*' } }, ['system:serviceaccount:a:bc'], true],
    [{ kind: 'ServiceAccount', serviceAccount: { namespace: 'a', name: '*' } }, ['system:serviceaccount:ab:c'], false],
  ])('%j and %j', (subject, user, expected) => {
    expect(isFor('GET /api/v1/pods', { subjects: [subject], ...all }, user)).toBe(expected);
  });
});

describe('the resource rules of a FlowSchema', () => {
  it.each<[object, string, boolean]>([
    [{}, 'GET /apis/apps/v1/namespaces/a/deployments/d', true],
    [{ verbs: ['list'] }, 'GET /api/v1/pods', true],
    [{ verbs: ['list'] }, 'GET /api/v1/pods?watch=1', false],
    // A wildcard beside others is a word like them.
    [{ verbs: ['*', 'list'] }, 'DELETE /api/v1/namespaces/a/pods/p', false],
    [{ apiGroups: [''] }, 'GET /apis/apps/v1/deployments', false],
    [{ resources: ['pods'] }, 'GET /api/v1/namespaces/a/pods/p', true],
    [{ resources: ['pods'] }, 'GET /api/v1/namespaces/a/pods/p/status', false],
    [{ resources: ['pods/status'] }, 'GET /api/v1/namespaces/a/pods/p/status', true],
    [{ namespaces: ['a'] }, 'GET /api/v1/namespaces/a/pods', true],
    [{ namespaces: ['a'] }, 'GET /api/v1/namespaces/b/pods', false],
    [{ namespaces: undefined }, 'GET /api/v1/namespaces/b/pods', false],
    [{ clusterScope: false }, 'GET /api/v1/pods', false],
    [{ clusterScope: false }, 'GET /api/v1/namespaces/b/pods', true],
    [{}, 'GET /healthz', false],
  ])('%j and %s', (more, line, expected) => {
    expect(isFor(line, { resourceRules: [{ ...EVERY_RESOURCE, ...more }] })).toBe(expected);
  });
});

describe('the other rules of a FlowSchema', () => {
  it.each<[object, string, boolean]>([
    [{}, 'GET /healthz', true],
    [{}, 'GET /api/v1/pods', false],
    [{ verbs: ['post'] }, 'GET /healthz', false],
    [{ nonResourceURLs: ['/healthz'] }, 'GET /healthz', true],
    [{ nonResourceURLs: ['/healthz'] }, 'GET /healthz/etcd', true],
    [{ nonResourceURLs: ['/healthz'] }, 'GET /healthzz', false],
    [{ nonResourceURLs: ['/healthz/*'] }, 'GET /healthz/etcd', true],
  ])('%j and %s', (more, line, expected) => {
    expect(isFor(line, { nonResourceRules: [{ ...EVERY_PATH, ...more }] })).toBe(expected);
  });
});

describe('a hand of queues', () => {
  it('has as many different queues as it should, and is the same each time', () => {
    const size = fc
      .integer({ min: 1, max: 128 })
      .chain((deck) => fc.record({ deck: fc.constant(deck), hand: fc.integer({ min: 1, max: Math.min(deck, 8) }) }));
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), size, (hash, { deck, hand }) => {
        const dealt = dealHand(hash, deck, hand);
        expect(new Set(dealt).size).toBe(hand);
        expect(dealt.every((card) => card >= 0 && card < deck)).toBe(true);
        expect(dealHand(hash, deck, hand)).toEqual(dealt);
      }),
    );
  });

  it('can be any', () => {
    const hands = Array.from({ length: 12 }, (_, hash) => dealHand(BigInt(hash), 4, 2).join());
    expect(new Set(hands).size).toBe(12);
  });

  it('is of the flow and of nothing else', () => {
    expect(flowHash('a', 'b', textCodec)).toBe(flowHash('a', 'b', textCodec));
    expect(flowHash('a', 'b', textCodec)).not.toBe(flowHash('ab', '', textCodec));
    expect(flowHash('', '', textCodec)).toBeLessThan(2n ** 64n);
  });
});
