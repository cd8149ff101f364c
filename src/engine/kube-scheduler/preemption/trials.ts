import type { NodeInfo } from '../node-info.js';
import { selectVictims, type Trial, type TrialOptions } from './select-victims.js';

interface Remembered {
  readonly version: number;
  readonly trial: Trial;
}

/** Preemptors come in series that ask for the same: what was found out about a node holds until its pods change. */
export class Trials {
  #remembered = new WeakMap<NodeInfo, Remembered>();
  #asked = '';

  of(options: TrialOptions): (node: NodeInfo) => Trial {
    const { run, budgets } = options;
    const { priority, requests } = run.cycle.info;
    const asked = JSON.stringify([priority, requests]);
    if (asked !== this.#asked) this.#remembered = new WeakMap();
    this.#asked = asked;
    return (node) => {
      if (budgets.length > 0 || !run.canImagine(node)) return selectVictims(node, options);
      const known = this.#remembered.get(node);
      if (known?.version === node.version) {
        // The node was worth a try, so what refuses it in any case comes after what its pods are in the way of.
        if (known.trial.rejection !== undefined) return known.trial;
        const rejection = run.testNodeAlone(node);
        return rejection === undefined ? known.trial : { rejection };
      }
      const trial = selectVictims(node, options);
      // A node that the pod itself is kept off says nothing of others that ask for the same.
      if (run.testNodeAlone(node) === undefined) this.#remembered.set(node, { version: node.version, trial });
      return trial;
    };
  }
}
