/** The mark: a detector ring, one line of response, and what it found. */
export function Logo({ size = 22 }: { size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 24 24" fill="none" aria-hidden="true">
      <circle cx="12" cy="12" r="10" stroke="var(--line-strong)" strokeWidth="2.5" />
      <circle cx="12" cy="12" r="10" stroke="var(--accent)" strokeWidth="2.5" strokeDasharray="5 57.8" strokeDashoffset="-36.5" />
      <circle cx="12" cy="12" r="10" stroke="var(--accent)" strokeWidth="2.5" strokeDasharray="5 57.8" strokeDashoffset="-5" />
      <path d="M5.2 6.6 19.5 16.2" stroke="var(--accent)" strokeOpacity=".55" strokeWidth="1.2" />
      <circle cx="13.4" cy="12.1" r="2.6" fill="var(--accent)" />
    </svg>
  );
}
