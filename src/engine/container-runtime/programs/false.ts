import { defineCommand } from './program.js';

export const falseProgram = defineCommand('false', () => 1);
