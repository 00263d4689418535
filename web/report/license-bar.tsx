interface Licenses {
  readonly bought: number | null;
  readonly assigned: number;
  readonly free: number | null;
  readonly retired: number;
  readonly waiting: number;
  readonly unlimited: boolean;
}

/**
 * What was bought as one bar: in use, free, retired, and beyond its end who waits. What is neither, such as a licence on
 * its way back, stays blank. The numbers stand beside it, so that it is not read out.
 */
export function LicenseBar({ licenses }: { readonly licenses: Licenses }) {
  const { assigned, waiting, retired, unlimited } = licenses;
  const free = licenses.free ?? 0;
  const bought = Math.max(licenses.bought ?? 0, assigned + free + retired);
  const whole = bought + waiting;
  if (unlimited) return <div class="bar unlimited" aria-hidden="true" />;
  const part = (name: string, count: number) =>
    count > 0 && <span class={name} style={{ width: `${(count / whole) * 100}%` }} />;
  return (
    <div class="bar" aria-hidden="true">
      <div class="bought" style={{ width: whole === 0 ? "100%" : `${(bought / whole) * 100}%` }}>
        {bought > 0 && (
          <>
            <span class="used" style={{ width: `${(assigned / bought) * 100}%` }} />
            <span class="free" style={{ width: `${(free / bought) * 100}%` }} />
            <span class="retired" style={{ width: `${(retired / bought) * 100}%` }} />
          </>
        )}
      </div>
      {part("waiting", waiting)}
    </div>
  );
}
