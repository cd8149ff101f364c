// Writes openapi.yaml from the controllers of the built server; with --check, tells whether the file is what it would write.
// Needs `npm run build` before it; opens no database and no port.
import { readFile, writeFile } from 'node:fs/promises';
import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';

const root = new URL('..', import.meta.url);
const dist = new URL(process.env.FLOTILLA_DIST ?? 'dist/', root);
const file = new URL('openapi.yaml', root);

const { AppModule } = await import(new URL('src/app.module.js', dist).href);
const { describeApi, documentText } = await import(new URL('src/ops/api-document.js', dist).href);
const application = await NestFactory.create(AppModule.described(), new FastifyAdapter(), {
  preview: true,
  logger: ['error'],
});
const text = `# Generated from the code by scripts/generate-openapi.mjs: do not edit.\n${documentText(describeApi(application))}`;

if (process.argv.includes('--check')) {
  const committed = await readFile(file, 'utf8').catch(() => '');
  if (committed !== text) {
    console.error('openapi.yaml is stale: run `npm run build` and `node scripts/generate-openapi.mjs`');
    process.exit(1);
  }
} else {
  await writeFile(file, text);
}
process.exit(0);
