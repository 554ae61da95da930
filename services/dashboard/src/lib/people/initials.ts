// Stands for somebody where there is no room for their name.

/** `Ada Lovelace` is `AL`. */
export const initials = (name: string) =>
  name
    .split(/[\s._-]+/)
    .filter(Boolean)
    .slice(0, 2)
    .map((word) => [...word][0]?.toUpperCase())
    .join('');
