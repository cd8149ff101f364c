interface Managed {
  readonly metadata?: { readonly managedFields?: unknown };
  readonly items?: readonly unknown[];
  readonly rows?: readonly { readonly object?: unknown }[];
}

/** An object without its `managedFields`; a list or a table without those of what is in it. */
export function withoutManagers(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const { metadata, items, rows } = value as Managed;
  return {
    ...value,
    ...(metadata === undefined ? {} : { metadata: { ...metadata, managedFields: undefined } }),
    ...(Array.isArray(items) ? { items: items.map(withoutManagers) } : {}),
    ...(Array.isArray(rows)
      ? { rows: rows.map((row: { readonly object?: unknown }) => ({ ...row, object: withoutManagers(row.object) })) }
      : {}),
  };
}
