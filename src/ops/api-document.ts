import type { INestApplication } from '@nestjs/common';
import { DocumentBuilder, SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';
import { stringify } from 'yaml';

const VERSION = '0.1.0';

/** The management API as its controllers describe themselves. */
export function describeApi(application: INestApplication): OpenAPIObject {
  const settings = new DocumentBuilder()
    .setTitle('Flotilla')
    .setDescription(
      'Manages simulated Kubernetes clusters. The Kubernetes API of each is at `/k8s/{tenant}/{cluster}` and is described by itself.',
    )
    .setVersion(VERSION)
    .setOpenAPIVersion('3.1.0')
    .addBearerAuth({ type: 'http', scheme: 'bearer', description: "The admin token, or a tenant's API key." })
    .build();
  return SwaggerModule.createDocument(application, settings, {
    operationIdFactory: (controller, method) => `${controller.replace(/Controller$/, '').toLowerCase()}.${method}`,
  });
}

export const documentText = (document: OpenAPIObject): string =>
  stringify(document, { lineWidth: 120, aliasDuplicateObjects: false });

/** The description, once the application that it is of is complete. */
export class ApiDocument {
  #document: OpenAPIObject | undefined;

  set(document: OpenAPIObject): void {
    this.#document = document;
  }

  get(): OpenAPIObject {
    if (this.#document === undefined) throw new Error('the API is not described yet');
    return this.#document;
  }
}
