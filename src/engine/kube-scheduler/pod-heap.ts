import { Heap } from 'heap-js';
import type { QueuedPod } from './queued-pod.js';

interface Entry {
  readonly queued: QueuedPod;
  readonly ticket: number;
}

/** A heap from which pods are also taken out of the middle: their entries stay behind, void, until they come up. */
export class PodHeap {
  readonly #heap: Heap<Entry>;
  #size = 0;

  constructor(order: (a: QueuedPod, b: QueuedPod) => number) {
    this.#heap = new Heap<Entry>((a, b) => order(a.queued, b.queued));
  }

  get size(): number {
    return this.#size;
  }

  push(queued: QueuedPod): void {
    queued.ticket++;
    this.#heap.push({ queued, ticket: queued.ticket });
    this.#size++;
  }

  peek(): QueuedPod | undefined {
    for (let head = this.#heap.peek(); head !== undefined; head = this.#heap.peek()) {
      if (head.ticket === head.queued.ticket) return head.queued;
      this.#heap.pop();
    }
    return undefined;
  }

  pop(): QueuedPod | undefined {
    const queued = this.peek();
    if (queued !== undefined) this.remove(queued);
    return queued;
  }

  /** The pod must be in this heap. */
  remove(queued: QueuedPod): void {
    queued.ticket++;
    this.#size--;
  }

  clear(): void {
    this.#heap.clear();
    this.#size = 0;
  }
}
