/** The icons of the pages as inline SVG, drawn on a 20 × 20 grid with one stroke. They decorate words and are hidden from screen readers. */
const paths: Record<string, string> = {
  check: 'M4 10.5l4 4 8-9',
  cross: 'M5 5l10 10M15 5L5 15',
  half: 'M10 3.5a6.5 6.5 0 1 0 0 13zM10 3.5a6.5 6.5 0 0 1 0 13',
  flag: 'M5 17.5V3.5M5 4h9.5l-2 3.5 2 3.5H5',
  clock: 'M10 3a7 7 0 1 1 0 14 7 7 0 0 1 0-14zM10 6v4.3l2.8 1.7',
  left: 'M12 4.5L6.5 10l5.5 5.5',
  right: 'M8 4.5l5.5 5.5L8 15.5',
  up: 'M4.5 12L10 6.5l5.5 5.5',
  down: 'M4.5 8l5.5 5.5L15.5 8',
  warning: 'M10 3.5l7.5 13h-15zM10 8.5v3.7M10 14.3v.2',
  question: 'M7.3 7.6a2.7 2.7 0 1 1 4 2.4c-.9.5-1.3 1-1.3 2M10 15v.2',
  external: 'M8 5H5v10h10v-3M11 4h5v5M16 4l-7 7',
  grip: 'M7 5v.1M13 5v.1M7 10v.1M13 10v.1M7 15v.1M13 15v.1',
  lock: 'M5.5 9.5h9v7h-9zM7.5 9.5V7a2.5 2.5 0 0 1 5 0v2.5',
  auto: 'M10 3.5a6.5 6.5 0 1 0 0 13zM10 3.5a6.5 6.5 0 0 1 0 13M10 6h3M10 10h5M10 14h3',
  light: 'M10 6.5a3.5 3.5 0 1 1 0 7 3.5 3.5 0 0 1 0-7zM10 2v1.6M10 16.4V18M2 10h1.6M16.4 10H18M4.3 4.3l1.2 1.2M14.5 14.5l1.2 1.2M4.3 15.7l1.2-1.2M14.5 5.5l1.2-1.2',
  dark: 'M16 11.5A6.5 6.5 0 0 1 8.5 4a6.5 6.5 0 1 0 7.5 7.5z',
}

/** Names that `iconSvg` knows. */
export const iconNames: readonly string[] = Object.keys(paths)

/** Throws for a name that does not exist: a missing icon is a mistake in a template. */
export function iconSvg(name: string): string {
  const path = paths[name]
  if (!path) throw new Error(`There is no icon "${name}"`)
  return `<svg class="icon icon-${name}" viewBox="0 0 20 20" width="20" height="20" aria-hidden="true" focusable="false"><path d="${path}" fill="none" stroke="currentColor" stroke-width="1.75" stroke-linecap="round" stroke-linejoin="round"/></svg>`
}
