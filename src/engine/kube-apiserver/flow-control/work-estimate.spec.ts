import { requestAttributes } from '../authorization/request-attributes.js';
import { Query } from '../query.js';
import { WatchCounts } from './watch-counts.js';
import { waitLimitOf } from './request-times.js';
import { estimateWork } from './work-estimate.js';

function asked(line: string) {
  const [method = '', url = ''] = line.split(' ');
  const [path = '', text = ''] = url.split('?', 2);
  const query = new Query(text);
  return { query, request: requestAttributes({ method, path }, query, { username: 'jane', groups: [] }) };
}

const PODS = '/api/v1/namespaces/a/pods';
const stats = (count: number, averageBytes: number) => () => ({ count, averageBytes });

describe('the width of a list', () => {
  const widthOf = (line: string, count: number, bytes: number, seatsMax = 0): number => {
    const { request, query } = asked(line);
    const sources = { seatsMax, watches: new WatchCounts(), statsOf: stats(count, bytes) };
    return estimateWork(request, query, sources).initialSeats;
  };

  it.each([
    ['GET /api/v1/pods', 10, 1_000, 1],
    ['GET /api/v1/pods', 250, 1_000, 3],
    // What is read from the cache is streamed.
    ['GET /api/v1/pods', 50_000, 1_000, 10],
    ['GET /api/v1/pods?limit=500', 50_000, 1_000, 5],
    ['GET /api/v1/pods?limit=500&continue=x', 50_000, 10_000, 50],
    ['GET /api/v1/pods?limit=500&continue=x&labelSelector=a', 50_000, 1_000, 100],
    ['GET /api/v1/pods?resourceVersion=7&resourceVersionMatch=Exact', 5_000, 1_000, 50],
    ['GET /api/v1/pods?fieldSelector=metadata.name%3Dp', 50_000, 1_000, 1],
    ['GET /api/v1/pods?limit=many', 10, 1_000, 100],
    ['GET /api/v1/pods?watch=1', 50_000, 1_000, 10],
    ['GET /api/v1/pods?watch=1&resourceVersion=7', 50_000, 1_000, 1],
    ['GET /api/v1/pods?watch=1&resourceVersion=7&sendInitialEvents=true', 50_000, 1_000, 10],
    [`GET ${PODS}/p`, 50_000, 1_000, 1],
  ])('%s of %i objects of %i bytes is %i', (line, count, bytes, width) => {
    expect(widthOf(line, count, bytes)).toBe(width);
  });

  it('is no more than the level allows', () => expect(widthOf('GET /api/v1/pods', 50_000, 1_000, 4)).toBe(4));
});

describe('a write', () => {
  function workOf(line: string, watches: readonly string[], seatsMax = 0) {
    const counts = new WatchCounts();
    for (const each of watches) counts.add(asked(each).request);
    const { request, query } = asked(line);
    return estimateWork(request, query, { seatsMax, watches: counts, statsOf: stats(0, 0) });
  }
  const many = (count: number, line: string) => Array.from({ length: count }, () => line);

  it('takes seats after its answer for the watches that it wakes', () => {
    const watches = [
      ...many(20, 'GET /api/v1/configmaps?watch=1'),
      ...many(5, 'GET /api/v1/namespaces/a/configmaps?watch=1'),
      ...many(99, 'GET /api/v1/namespaces/b/configmaps?watch=1'),
    ];
    expect(workOf('POST /api/v1/namespaces/a/configmaps', watches)).toEqual({
      initialSeats: 1,
      finalSeats: 3,
      additionalLatency: 5,
    });
  });

  it('takes fewer for longer where the level is narrow', () => {
    const work = workOf(`POST ${PODS}`, many(100, 'GET /api/v1/pods?watch=1'), 2);
    expect([work.finalSeats, work.additionalLatency]).toEqual([2, 25]);
  });

  it('takes none for a few, for watches of one node, and for tokens', () => {
    expect(workOf(`POST ${PODS}`, many(9, 'GET /api/v1/pods?watch=1')).finalSeats).toBe(0);
    const nodes = many(99, 'GET /api/v1/pods?watch=1&fieldSelector=spec.nodeName%3Dn');
    expect(workOf(`POST ${PODS}`, nodes).finalSeats).toBe(0);
    const accounts = many(99, 'GET /api/v1/serviceaccounts?watch=1');
    expect(workOf('POST /api/v1/namespaces/a/serviceaccounts/s/token', accounts).finalSeats).toBe(0);
  });
});

describe('the time in a queue', () => {
  it.each([
    [`GET ${PODS}`, 15_000],
    [`GET ${PODS}?timeout=8s`, 2_000],
    [`GET ${PODS}?timeout=1m0.5s`, 15_000],
    [`GET ${PODS}?timeout=100ms`, 25],
    [`GET ${PODS}?timeout=soon`, 15_000],
    [`GET ${PODS}?timeout=0s`, 15_000],
    [`GET ${PODS}?watch=1&timeout=8s`, 15_000],
  ])('of %s is %i ms at most', (line, limit) => {
    const { request, query } = asked(line);
    expect(waitLimitOf(request, query)).toBe(limit);
  });
});
