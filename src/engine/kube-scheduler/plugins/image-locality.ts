import { definePlugin, SCORE_MAX } from '../framework.js';

const MEBIBYTE = 1_024 * 1_024;
const BYTES_MIN = 23 * MEBIBYTE;
const BYTES_MAX_PER_CONTAINER = 1_000 * MEBIBYTE;

/** Prefers nodes that have the pod's images, the larger the better, less where few nodes have them: no node runs hot. */
export const imageLocality = definePlugin({
  name: 'ImageLocality',

  score({ pod, cache }) {
    const { containers, initContainers = [] } = pod.spec;
    const all = cache.nodes.length;
    const images: { readonly name: string; readonly spread: number }[] = [];
    for (const { image = '' } of [...initContainers, ...containers]) {
      const name = fullName(image);
      const count = cache.nodesWithImage(name);
      if (count > 0) images.push({ name, spread: count / all });
    }
    const bytesMax = BYTES_MAX_PER_CONTAINER * (containers.length + initContainers.length);
    return {
      score(node) {
        if (images.length === 0) return 0;
        let sum = 0;
        for (const { name, spread } of images) sum += Math.trunc((node.images.get(name) ?? 0) * spread);
        const bytes = Math.min(Math.max(sum, BYTES_MIN), bytesMax);
        return Math.floor((SCORE_MAX * (bytes - BYTES_MIN)) / (bytesMax - BYTES_MIN));
      },
    };
  },
});

/** With a tag: nodes report images so. */
const fullName = (image: string): string =>
  image.lastIndexOf(':') <= image.lastIndexOf('/') ? `${image}:latest` : image;
