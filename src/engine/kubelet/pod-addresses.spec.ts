import type { Pod } from '../machinery/api/core-v1.js';
import { PodAddresses } from './pod-addresses.js';

const pod = (hostNetwork = false): Pod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'web' },
  spec: { containers: [], hostNetwork },
});

describe('PodAddresses', () => {
  it('deals the range in turn, from the second host on, and an address that is free again last', () => {
    const addresses = new PodAddresses('10.244.1.0/29', '10.0.0.10');
    expect(['a', 'b', 'c'].map((key) => addresses.take(key, pod()))).toEqual([
      '10.244.1.2',
      '10.244.1.3',
      '10.244.1.4',
    ]);
    addresses.release('a');
    expect(['d', 'e', 'f'].map((key) => addresses.take(key, pod()))).toEqual([
      '10.244.1.5',
      '10.244.1.6',
      '10.244.1.2',
    ]);
  });

  it('gives one pod one address', () => {
    const addresses = new PodAddresses('10.244.1.0/24', '10.0.0.10');
    expect(addresses.take('a', pod())).toBe(addresses.take('a', pod()));
  });

  it("gives a pod on the host's network the node's address", () => {
    expect(new PodAddresses('10.244.1.0/24', '10.0.0.10').take('a', pod(true))).toBe('10.0.0.10');
  });

  it('leaves alone what a sandbox from before holds', () => {
    const addresses = new PodAddresses('10.244.1.0/24', '10.0.0.10');
    addresses.adopt('old', '10.244.1.2');
    expect(addresses.take('new', pod())).toBe('10.244.1.3');
    expect(addresses.take('old', pod())).toBe('10.244.1.2');
  });
});
