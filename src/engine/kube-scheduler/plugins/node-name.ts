import { definePlugin, unresolvable } from '../framework.js';

const REFUSED = unresolvable("node(s) didn't match the requested node name");

/** A pod that names its node fits there only. */
export const nodeName = definePlugin({
  name: 'NodeName',
  retryOn: [{ on: ['Node/Add'] }],

  filter({ pod }) {
    const wanted = pod.spec.nodeName ?? '';
    return wanted === ''
      ? undefined
      : { ignoresPods: true, check: ({ name }) => (name === wanted ? undefined : REFUSED) };
  },
});
