import { definePlugin, rejection } from '../framework.js';

/** A pod that names its node fits there only. */
export const nodeName = definePlugin({
  name: 'NodeName',
  retryOn: ['node-added'],

  filter({ spec }, { name }) {
    const wanted = spec.nodeName ?? '';
    if (wanted === '' || wanted === name) return undefined;
    return rejection("node(s) didn't match the requested node name", { unresolvable: true });
  },
});
