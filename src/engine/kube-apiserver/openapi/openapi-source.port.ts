import type { OpenApiDocument } from './openapi-documents.js';
import type { PublishedBytes } from './published-bytes.js';

/** The documents that a server publishes. */
export interface OpenApiSource {
  /** `/openapi/v3`: where the document of each group version is. */
  index(): OpenApiDocument;
  /** The document at `api/v1`, `apis/apps` or `version`; `undefined` where there is none. */
  version3(path: string): OpenApiDocument | undefined;
  /** The same as gnostic's `openapi.v3.Document`. */
  version3Protobuf(path: string): PublishedBytes | undefined;
  version2(): OpenApiDocument;
  /** The same as gnostic's `openapi.v2.Document`. */
  version2Protobuf(): PublishedBytes;
}
