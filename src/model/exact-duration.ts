/** A duration exactly, as a flag takes it: `4s`, `10m`, `1500ms`. */
export function exactly(duration: number): string {
  const [unit, name] = (
    [
      [3_600_000, 'h'],
      [60_000, 'm'],
      [1000, 's'],
    ] as const
  ).find(([unit]) => duration >= unit && duration % unit === 0) ?? [1, 'ms'];
  return `${duration / unit}${name}`;
}
