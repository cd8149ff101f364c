import { Controller, Get, Header, UseGuards } from '@nestjs/common';
import { ApiExcludeController, type OpenAPIObject } from '@nestjs/swagger';
import { ApiDocument, documentText } from './api-document.js';
import { LoopbackGuard } from './loopback.guard.js';

const METHODS = ['get', 'post', 'put', 'patch', 'delete'] as const;

@ApiExcludeController()
@Controller('docs')
@UseGuards(LoopbackGuard)
export class DocsController {
  readonly #document: ApiDocument;

  constructor(document: ApiDocument) {
    this.#document = document;
  }

  @Get()
  @Header('content-type', 'text/html; charset=utf-8')
  @Header('content-security-policy', "default-src 'none'; style-src 'unsafe-inline'")
  page(): string {
    return pageOf(this.#document.get());
  }

  @Get('openapi.yaml')
  @Header('content-type', 'application/yaml')
  document(): string {
    return documentText(this.#document.get());
  }
}

function pageOf({ info, paths }: OpenAPIObject): string {
  const rows = Object.entries(paths).flatMap(([path, item]) =>
    METHODS.flatMap((method) => {
      const operation = item[method];
      if (operation === undefined) return [];
      const statuses = Object.keys(operation.responses).join(', ');
      return [`<tr><td>${method.toUpperCase()}</td><td><code>${escapeHtml(path)}</code></td><td>${statuses}</td></tr>`];
    }),
  );
  return `<!doctype html>
<html lang="en"><meta charset="utf-8"><title>${escapeHtml(info.title)}</title>
<style>body{font-family:system-ui;margin:2rem auto;max-width:60rem}td,th{padding:.2rem 1rem .2rem 0;text-align:left}</style>
<h1>${escapeHtml(info.title)} ${escapeHtml(info.version)}</h1>
<p>The whole description: <a href="/docs/openapi.yaml">openapi.yaml</a>.</p>
<table><tr><th>Method</th><th>Path</th><th>Answers</th></tr>
${rows.join('\n')}
</table></html>
`;
}

const escapeHtml = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
