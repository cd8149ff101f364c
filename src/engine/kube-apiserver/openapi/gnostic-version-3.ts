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

/** An OpenAPI 3 document as gnostic's `openapi.v3.Document`: what is published of it, not all that the format knows. */
export const encodeOpenApi3 = (document: object, text: TextCodec): Uint8Array =>
  encodeMessage(DOCUMENT, document, text);

const REFERENCE: MessageShape = [
  ['$ref', string(1)],
  ['description', string(3)],
];

/** Nearly everything may be referred to instead. */
const orReference =
  (number: number, shape: () => MessageShape): WriteField =>
  (writer, value) => {
    const isReference = '$ref' in (value as object);
    message(number, [[undefined, isReference ? message(2, REFERENCE) : message(1, shape)]])(writer, value);
  };

const schema = (number: number): WriteField => orReference(number, () => SCHEMA);

const DEFAULT_NUMBERS: Readonly<Partial<Record<string, number>>> = { number: 1, boolean: 2, string: 3 };

/** Other values than these have no place in it: that there is one is all that is said of them. */
const defaultValue: WriteField = (writer, value) => {
  const number = DEFAULT_NUMBERS[typeof value];
  message(33, number === undefined ? [] : [[undefined, chosen(number)]])(writer, value);
};

const additionalProperties: WriteField = (writer, value) => {
  message(32, [[undefined, typeof value === 'boolean' ? chosen(2) : schema(1)]])(writer, value);
};

const SCHEMA: MessageShape = [
  ['nullable', boolean(1)],
  ['title', string(9)],
  ['multipleOf', double(10)],
  ['maximum', double(11)],
  ['exclusiveMaximum', boolean(12)],
  ['minimum', double(13)],
  ['exclusiveMinimum', boolean(14)],
  ['maxLength', integer(15)],
  ['minLength', integer(16)],
  ['pattern', string(17)],
  ['maxItems', integer(18)],
  ['minItems', integer(19)],
  ['uniqueItems', boolean(20)],
  ['maxProperties', integer(21)],
  ['minProperties', integer(22)],
  ['required', list(string(23))],
  ['enum', list(any(24))],
  ['type', string(25)],
  ['allOf', list(schema(26))],
  ['oneOf', list(schema(27))],
  ['anyOf', list(schema(28))],
  ['not', message(29, () => SCHEMA)],
  ['items', message(30, [[undefined, schema(1)]])],
  ['properties', message(31, [[undefined, named(1, schema(2))]])],
  ['additionalProperties', additionalProperties],
  ['default', defaultValue],
  ['description', string(34)],
  ['format', string(35)],
  [undefined, extensions(36)],
];

const MEDIA_TYPE: MessageShape = [['schema', schema(1)]];
const content = (number: number): WriteField => message(number, [[undefined, named(1, message(2, MEDIA_TYPE))]]);

const PARAMETER: MessageShape = [
  ['name', string(1)],
  ['in', string(2)],
  ['description', string(3)],
  ['required', boolean(4)],
  ['schema', schema(10)],
];
const parameters = (number: number): WriteField => list(orReference(number, () => PARAMETER));

const REQUEST_BODY: MessageShape = [
  ['description', string(1)],
  ['content', content(2)],
  ['required', boolean(3)],
];
const RESPONSE: MessageShape = [
  ['description', string(1)],
  ['content', content(3)],
];
const RESPONSES: MessageShape = [
  [
    undefined,
    named(
      2,
      orReference(2, () => RESPONSE),
    ),
  ],
];

const OPERATION: MessageShape = [
  ['tags', list(string(1))],
  ['summary', string(2)],
  ['description', string(3)],
  ['operationId', string(5)],
  ['parameters', parameters(6)],
  ['requestBody', orReference(7, () => REQUEST_BODY)],
  ['responses', message(8, RESPONSES)],
  ['deprecated', boolean(10)],
  [undefined, extensions(13)],
];
const operation = (number: number): WriteField => message(number, OPERATION);

const PATH_ITEM: MessageShape = [
  ['get', operation(4)],
  ['put', operation(5)],
  ['post', operation(6)],
  ['delete', operation(7)],
  ['options', operation(8)],
  ['head', operation(9)],
  ['patch', operation(10)],
  ['parameters', parameters(13)],
  [undefined, extensions(14)],
];

const INFO: MessageShape = [
  ['title', string(1)],
  ['description', string(2)],
  ['version', string(6)],
];
const SECURITY_SCHEME: MessageShape = [
  ['type', string(1)],
  ['description', string(2)],
  ['name', string(3)],
  ['in', string(4)],
];
const COMPONENTS: MessageShape = [
  ['schemas', message(1, [[undefined, named(1, schema(2))]])],
  [
    'securitySchemes',
    message(7, [
      [
        undefined,
        named(
          1,
          orReference(2, () => SECURITY_SCHEME),
        ),
      ],
    ]),
  ],
];

const DOCUMENT: MessageShape = [
  ['openapi', string(1)],
  ['info', message(2, INFO)],
  ['paths', message(4, [[undefined, named(1, message(2, PATH_ITEM))]])],
  ['components', message(5, COMPONENTS)],
];
