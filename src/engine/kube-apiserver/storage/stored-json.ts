/** JSON of trusted objects: what this server encodes, and reads back from its own disk. */
export const encodeJson = (value: object): string => JSON.stringify(value);
export const parseJson = (text: string): unknown => JSON.parse(text);
