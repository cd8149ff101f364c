import { existsSync, readFileSync } from 'node:fs';
import { decode } from '../schema/decode.js';
import type { TextCodec } from '../text-codec.port.js';
import { builtInMessages } from './built-in-messages.js';
import { enveloped, framedEvent, messageList, readEnvelope } from './envelope.js';

const text: TextCodec = {
  encode: (value) => new TextEncoder().encode(value),
  decode: (bytes) => new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes),
};

interface RecordedObject {
  readonly apiVersion?: string;
  readonly kind: string;
  readonly items?: readonly object[];
}
interface Recording {
  readonly what: 'object' | 'metadata' | 'list' | 'status' | 'discovery' | 'watch';
  readonly path: string;
  readonly json: RecordedObject;
  readonly protobuf: string;
}

const FACTS = '../shared/reference/kubernetes-1.35/recorded/facts/protobuf.jsonl';
const isPresent = existsSync(FACTS);
const recordings = isPresent
  ? readFileSync(FACTS, 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Recording)
  : [];

/** The types of objects within objects are not on the wire: upstream sets these again when it converts. */
const withoutInnerTypes = ({ kind, ...content }: RecordedObject): object =>
  JSON.parse(
    JSON.stringify({ ...content, type: kind }, (key, value: { kind?: string } | null) => {
      if (key !== '' && value?.kind === 'PersistentVolumeClaim')
        return { ...value, kind: undefined, apiVersion: undefined };
      return value;
    }),
  ) as object;

const objects = recordings.filter(({ what }) => what !== 'watch');
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

(isPresent ? describe : describe.skip)(`what a real server answered (needs ${FACTS})`, () => {
  it.each(objects.map((each, index) => [`${index} ${each.what} ${each.path}`, each] as const))(
    'is written byte for byte: %s',
    (_name, { json, protobuf }) => {
      const expected = Buffer.from(protobuf, 'base64');
      expect(hex(Buffer.concat(builtInMessages.encodeBody(json, text)))).toBe(hex(expected));
    },
  );

  it.each(objects.map((each, index) => [`${index} ${each.what} ${each.path}`, each] as const))(
    'is read as its JSON: %s',
    (_name, { json, protobuf }) => {
      const { apiVersion, kind, raw } = readEnvelope(Buffer.from(protobuf, 'base64'), text);
      expect({ apiVersion, kind }).toEqual({ apiVersion: json.apiVersion ?? '', kind: json.kind });
      const schema = builtInMessages.schemaOf(apiVersion, kind)!;
      const read = decode(schema, builtInMessages.decode(schema, raw, text), { strict: true });
      expect(read.warnings).toEqual([]);
      const object = { ...read.object, kind, ...(apiVersion === '' ? {} : { apiVersion }) };
      expect(withoutInnerTypes(object)).toEqual(withoutInnerTypes(json));
    },
  );

  it('is framed in watches byte for byte', () => {
    for (const { json, protobuf } of recordings.filter(({ what }) => what === 'watch')) {
      const events = json as unknown as readonly { readonly type: string; readonly object: RecordedObject }[];
      const frames = events.map(({ type, object }) =>
        framedEvent(type, Buffer.concat(builtInMessages.encodeBody(object, text)), text),
      );
      expect(hex(Buffer.concat(frames))).toBe(hex(Buffer.from(protobuf, 'base64')));
    }
  });

  it('is joined to lists byte for byte', () => {
    for (const { json, protobuf } of recordings.filter(({ what }) => what === 'list')) {
      const { items = [], ...list } = json;
      const item = { kind: json.kind.slice(0, -'List'.length), apiVersion: json.apiVersion };
      const messages = items.map((each) => builtInMessages.encode({ ...item, ...each }, text));
      const parts = [builtInMessages.encode(list, text), messageList(2, messages)];
      const body = enveloped({ apiVersion: '', ...list }, parts, text);
      expect(hex(Buffer.concat(body))).toBe(hex(Buffer.from(protobuf, 'base64')));
    }
  });
});
