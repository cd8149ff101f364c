import type { TextCodec } from '../../machinery/text-codec.port.js';
import {
  any,
  boolean,
  chosen,
  double,
  encodeMessage,
  extensions,
  integer,
  list,
  message,
  type MessageShape,
  named,
  string,
  type WriteField,
} from './gnostic-writer.js';

/** An OpenAPI 2 document as gnostic's `openapi.v2.Document`: what is published of it, not all that the format knows. */
export const encodeOpenApi2 = (document: object, text: TextCodec): Uint8Array =>
  encodeMessage(DOCUMENT, document, text);

const strings = (number: number): WriteField => list(string(number));

const SCHEMA: MessageShape = [
  ['$ref', string(1)],
  ['format', string(2)],
  ['title', string(3)],
  ['description', string(4)],
  ['default', any(5)],
  ['maximum', double(7)],
  ['minimum', double(9)],
  ['maxLength', integer(11)],
  ['minLength', integer(12)],
  ['pattern', string(13)],
  ['maxItems', integer(14)],
  ['minItems', integer(15)],
  ['uniqueItems', boolean(16)],
  ['required', strings(19)],
  ['enum', list(any(20))],
  [
    'additionalProperties',
    (...field) => {
      additionalProperties(...field);
    },
  ],
  [
    'type',
    message(22, [
      [
        undefined,
        (...field) => {
          typeNames(...field);
        },
      ],
    ]),
  ],
  ['items', message(23, [[undefined, message(1, () => SCHEMA)]])],
  ['allOf', list(message(24, () => SCHEMA))],
  [
    'properties',
    message(25, [
      [
        undefined,
        named(
          1,
          message(2, () => SCHEMA),
        ),
      ],
    ]),
  ],
  [undefined, extensions(31)],
];

const additionalProperties: WriteField = (writer, value) =>
  message(21, [[undefined, typeof value === 'boolean' ? chosen(2) : message(1, SCHEMA)]])(writer, value);
const typeNames: WriteField = (writer, value) => (Array.isArray(value) ? strings(1) : string(1))(writer, value);

const BODY: MessageShape = [
  ['description', string(1)],
  ['name', string(2)],
  ['in', string(3)],
  ['required', boolean(4)],
  ['schema', message(5, SCHEMA)],
  [undefined, extensions(6)],
];
const QUERY: MessageShape = [
  ['required', boolean(1)],
  ['in', string(2)],
  ['description', string(3)],
  ['name', string(4)],
  ['type', string(6)],
  ['format', string(7)],
  ['uniqueItems', boolean(20)],
  [undefined, extensions(23)],
];
const PATH: MessageShape = [
  ['required', boolean(1)],
  ['in', string(2)],
  ['description', string(3)],
  ['name', string(4)],
  ['type', string(5)],
  ['format', string(6)],
  ['uniqueItems', boolean(19)],
  [undefined, extensions(22)],
];

/** Which message a parameter is depends on where it stands. */
const parameter =
  (number: number): WriteField =>
  (writer, value) => {
    const { in: place } = value as { readonly in: string };
    const kind = place === 'body' ? message(1, BODY) : message(2, [[undefined, placed(place)]]);
    message(number, [[undefined, kind]])(writer, value);
  };
const placed = (place: string): WriteField => (place === 'path' ? message(4, PATH) : message(3, QUERY));

const REFERENCE: MessageShape = [
  ['$ref', string(1)],
  ['description', string(2)],
];

const parameterItem =
  (number: number): WriteField =>
  (writer, value) => {
    const isReference = '$ref' in (value as object);
    message(number, [[undefined, isReference ? message(2, REFERENCE) : parameter(1)]])(writer, value);
  };

const RESPONSE: MessageShape = [
  ['description', string(1)],
  ['schema', message(2, [[undefined, message(1, SCHEMA)]])],
  [undefined, extensions(5)],
];
const RESPONSES: MessageShape = [
  [undefined, named(1, message(2, [[undefined, message(1, RESPONSE)]]), (name) => !name.startsWith('x-'))],
  [undefined, extensions(2)],
];

const OPERATION: MessageShape = [
  ['tags', strings(1)],
  ['summary', string(2)],
  ['description', string(3)],
  ['operationId', string(5)],
  ['produces', strings(6)],
  ['consumes', strings(7)],
  ['parameters', list(parameterItem(8))],
  ['responses', message(9, RESPONSES)],
  ['schemes', strings(10)],
  ['deprecated', boolean(11)],
  [undefined, extensions(13)],
];
const operation = (number: number): WriteField => message(number, OPERATION);

const PATH_ITEM: MessageShape = [
  ['get', operation(2)],
  ['put', operation(3)],
  ['post', operation(4)],
  ['delete', operation(5)],
  ['options', operation(6)],
  ['head', operation(7)],
  ['patch', operation(8)],
  ['parameters', list(parameterItem(9))],
  [undefined, extensions(10)],
];

const INFO: MessageShape = [
  ['title', string(1)],
  ['version', string(2)],
  ['description', string(3)],
];
const API_KEY: MessageShape = [
  ['type', string(1)],
  ['name', string(2)],
  ['in', string(3)],
  ['description', string(4)],
];
const SCOPES: MessageShape = [[undefined, strings(1)]];

const DOCUMENT: MessageShape = [
  ['swagger', string(1)],
  ['info', message(2, INFO)],
  ['paths', message(8, [[undefined, named(2, message(2, PATH_ITEM), (name) => name.startsWith('/'))]])],
  ['definitions', message(9, [[undefined, named(1, message(2, SCHEMA))]])],
  ['parameters', message(10, [[undefined, named(1, parameter(2))]])],
  ['security', list(message(12, [[undefined, named(1, message(2, SCOPES))]]))],
  ['securityDefinitions', message(13, [[undefined, named(1, message(2, [[undefined, message(2, API_KEY)]]))]])],
];
