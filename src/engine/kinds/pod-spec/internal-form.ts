export const internalForm = (type: string, value: unknown): unknown => {
  void type;
  return value;
};
