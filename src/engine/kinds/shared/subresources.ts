import type { Subresource } from '../../machinery/kind.js';

export const statusSubresource: Subresource = { name: 'status', verbs: ['get', 'patch', 'update'] };
