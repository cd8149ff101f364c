import { defineCommand } from './program.js';

export const trueProgram = defineCommand('true', () => 0);
