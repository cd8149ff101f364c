const TEXTS: Readonly<Record<number, string>> = { 200: 'OK', 201: 'Created', 202: 'Accepted', 401: 'Unauthorized' };

/** What a status code means, in the words of HTTP. */
export const responseText = (status: number): string => TEXTS[status] ?? '';
