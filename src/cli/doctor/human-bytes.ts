const UNITS = ["bytes", "KiB", "MiB", "GiB", "TiB"];

/** A number of bytes as people read it, e.g. `1.5 GiB`. */
export function humanBytes(bytes: number): string {
  const power = Math.min(Math.floor(Math.log2(Math.max(bytes, 1)) / 10), UNITS.length - 1);
  const value = bytes / 1024 ** power;
  return `${value >= 10 || power === 0 ? Math.round(value) : value.toFixed(1)} ${UNITS[power]}`;
}
