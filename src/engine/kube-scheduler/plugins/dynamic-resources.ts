import { definePlugin } from '../framework.js';

export const dynamicResources = definePlugin({ name: 'DynamicResources', filter: () => undefined });
